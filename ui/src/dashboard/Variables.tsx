/** The pickers of a dashboard's variables. */
import { css } from '@emotion/css';
import type { GrafanaTheme2, SelectableValue } from '@grafana/data';
import { Input, MultiSelect, Select, Tooltip, useStyles2 } from '@grafana/ui';
import { useEffect, useState } from 'react';

import type { Variable, VariableValue } from '../contract';

const ALL = '$__all';

const getStyles = (theme: GrafanaTheme2) => ({
  control: css({ display: 'flex', minWidth: 0 }),
  label: css({
    display: 'flex',
    alignItems: 'center',
    padding: theme.spacing(0, 1),
    height: theme.spacing(theme.components.height.md),
    fontSize: theme.typography.bodySmall.fontSize,
    fontWeight: theme.typography.fontWeightMedium,
    background: theme.colors.background.primary,
    border: `1px solid ${theme.colors.border.medium}`,
    borderRight: 'none',
    borderRadius: `${theme.shape.radius.default} 0 0 ${theme.shape.radius.default}`,
    whiteSpace: 'nowrap',
    maxWidth: 240,
    overflow: 'hidden',
    textOverflow: 'ellipsis',
  }),
  error: css({ color: theme.colors.error.text }),
});

interface PickerProps {
  variable: Variable;
  onChange: (value: VariableValue) => void;
}

const options = (variable: Variable) =>
  variable.options.map((o): SelectableValue<string> => ({ label: o.text, value: o.value }));

function Single({ variable, onChange }: PickerProps) {
  const value = variable.current.value;
  const shown = Array.isArray(value) ? value[0] : value;
  const text = variable.current.text;
  return (
    <Select<string>
      key={variable.name}
      aria-label={variable.label || variable.name}
      options={options(variable)}
      value={shown === undefined ? null : { value: shown, label: Array.isArray(text) ? text[0] : text }}
      width="auto"
      isLoading={false}
      placeholder="Select value"
      menuShouldPortal={true}
      tabSelectsValue={false}
      onChange={(chosen) => onChange(chosen.value ?? '')}
    />
  );
}

/** What is chosen after a change: All stands alone, and none means All where there is one. */
export function afterChange(before: string[], now: string[], includeAll: boolean): string[] {
  if (now.length === 0) {
    return includeAll ? [ALL] : before;
  }
  if (now.includes(ALL) && !before.includes(ALL)) {
    return [ALL];
  }
  return now.length > 1 ? now.filter((v) => v !== ALL) : now;
}

function Multi({ variable, onChange }: PickerProps) {
  const current = variable.current.value;
  const saved = Array.isArray(current) ? current : current === '' ? [] : [current];
  const [values, setValues] = useState(saved);
  useEffect(() => setValues(saved), [JSON.stringify(saved)]);
  const known = options(variable);
  return (
    <MultiSelect<string>
      aria-label={variable.label || variable.name}
      options={known}
      value={values.map((v) => known.find((o) => o.value === v) ?? { value: v, label: v === ALL ? 'All' : v })}
      width="auto"
      placeholder="Select value"
      maxVisibleValues={5}
      menuShouldPortal={true}
      tabSelectsValue={false}
      closeMenuOnSelect={false}
      hideSelectedOptions={false}
      isClearable={true}
      onChange={(chosen) => {
        const next = afterChange(values, chosen.map((c) => c.value ?? ''), Boolean(variable.includeAll));
        setValues(next);
      }}
      onBlur={() => {
        if (JSON.stringify(values) !== JSON.stringify(saved)) {
          onChange(values);
        }
      }}
      onCloseMenu={() => {
        if (JSON.stringify(values) !== JSON.stringify(saved)) {
          onChange(values);
        }
      }}
    />
  );
}

function TextBox({ variable, onChange }: PickerProps) {
  const saved = String(variable.current.value ?? '');
  const [text, setText] = useState(saved);
  useEffect(() => setText(saved), [saved]);
  const commit = () => text !== saved && onChange(text);
  return (
    <Input
      aria-label={variable.label || variable.name}
      width={20}
      value={text}
      placeholder="Enter value"
      onChange={(e) => setText(e.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(e) => e.key === 'Enter' && commit()}
    />
  );
}

function Picker(props: PickerProps) {
  const { type, multi } = props.variable;
  if (type === 'textbox') {
    return <TextBox {...props} />;
  }
  return multi ? <Multi {...props} /> : <Single {...props} />;
}

interface Props {
  variables: Variable[];
  onChange: (name: string, value: VariableValue) => void;
}

const HIDE_LABEL = 1;
const HIDE_VARIABLE = 2;

export function Variables({ variables, onChange }: Props) {
  const styles = useStyles2(getStyles);
  const shown = variables.filter((v) => v.hide !== HIDE_VARIABLE && v.type !== 'constant');
  return shown.map((variable) => (
    <div key={variable.name} className={styles.control} data-testid={`variable-${variable.name}`}>
      {variable.hide !== HIDE_LABEL && (
        <Tooltip content={variable.error ?? variable.description ?? ''} show={variable.error || variable.description ? undefined : false}>
          <label className={`${styles.label} ${variable.error ? styles.error : ''}`}>{variable.label || variable.name}</label>
        </Tooltip>
      )}
      <Picker variable={variable} onChange={(value) => onChange(variable.name, value)} />
    </div>
  ));
}
