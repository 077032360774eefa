/** The line above the panels: variables, links, time range, refresh. */
import { css } from '@emotion/css';
import { dateTime, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import { Button, Dropdown, type IconName, InlineSwitch, LinkButton, Menu, RefreshPicker, TimeRangePicker, useStyles2 } from '@grafana/ui';

import type { AnnotationJSON, DashboardJSON, Variable, VariableValue } from '../contract';
import { rangeParameters } from './interpolate';
import type { LinkMenu, ResolvedLink } from './links';
import { setParameters } from './location';
import { Variables } from './Variables';

const getStyles = (theme: GrafanaTheme2) => ({
  bar: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), marginBottom: theme.spacing(2), alignItems: 'center' }),
  right: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(1), marginLeft: 'auto' }),
});

const ICONS: Record<string, IconName> = {
  'external link': 'external-link-alt',
  dashboard: 'apps',
  apps: 'apps',
  question: 'question-circle',
  info: 'info-circle',
  bolt: 'bolt',
  doc: 'file-alt',
  cloud: 'cloud',
};

function Links({ links }: { links: Array<ResolvedLink | LinkMenu> }) {
  return links.map((link, i) =>
    'links' in link ? (
      <Dropdown
        key={i}
        overlay={
          <Menu>
            {link.links.map((one, n) => (
              <Menu.Item key={n} label={one.title} url={one.href} target={one.target} />
            ))}
          </Menu>
        }
      >
        <Button variant="secondary" icon="bars" tooltip={link.tooltip} data-testid="dashboard-link">
          {link.title}
        </Button>
      </Dropdown>
    ) : (
      <LinkButton key={i} variant="secondary" fill="outline" icon={ICONS[link.icon ?? ''] ?? 'external-link-alt'} href={link.href} target={link.target} tooltip={link.tooltip} rel="noreferrer" data-testid="dashboard-link">
        {link.title}
      </LinkButton>
    )
  );
}

export function setRangeOfUrl(range: TimeRange): void {
  setParameters({ ...rangeParameters(range) });
}

function shifted(range: TimeRange, share: number): TimeRange {
  const width = range.to.valueOf() - range.from.valueOf();
  const from = dateTime(range.from.valueOf() + width * share);
  const to = dateTime(range.to.valueOf() + width * share);
  return { from, to, raw: { from, to } };
}

function widened(range: TimeRange): TimeRange {
  const half = (range.to.valueOf() - range.from.valueOf()) / 2 || 30_000;
  const from = dateTime(range.from.valueOf() - half);
  const to = dateTime(range.to.valueOf() + half);
  return { from, to, raw: { from, to } };
}

interface Props {
  dashboard: DashboardJSON;
  range: TimeRange;
  timeZone: string;
  variables: Variable[];
  links: Array<ResolvedLink | LinkMenu>;
  annotations: AnnotationJSON[];
  hiddenAnnotations: string[];
  refresh: string;
  loading: boolean;
  /** A page without a server can't ask for another range. */
  fixed: boolean;
  onVariable: (name: string, value: VariableValue) => void;
  onAnnotation: (name: string, shown: boolean) => void;
  onRefresh: () => void;
}

export function Toolbar(props: Props) {
  const styles = useStyles2(getStyles);
  const { dashboard, range, timeZone, variables, links, annotations, hiddenAnnotations, refresh, loading, fixed } = props;
  const intervals = dashboard.timepicker?.refresh_intervals;
  return (
    <div className={styles.bar} data-testid="toolbar">
      {!fixed && <Variables variables={variables} onChange={props.onVariable} />}
      {annotations.map((a) => (
        <InlineSwitch key={a.name} label={a.name} showLabel value={!hiddenAnnotations.includes(a.name)} onChange={(e) => props.onAnnotation(a.name, e.currentTarget.checked)} />
      ))}
      <Links links={links} />
      {!fixed && !dashboard.timepicker?.hidden && (
        <div className={styles.right}>
          <TimeRangePicker
            value={range}
            timeZone={timeZone}
            fiscalYearStartMonth={dashboard.fiscalYearStartMonth}
            quickRanges={dashboard.timepicker?.quick_ranges as never}
            weekStart={(dashboard.weekStart || undefined) as never}
            isOnCanvas={true}
            onChange={setRangeOfUrl}
            onChangeTimeZone={(zone) => setParameters({ timezone: zone })}
            onMoveBackward={() => setRangeOfUrl(shifted(range, -0.5))}
            onMoveForward={() => setRangeOfUrl(shifted(range, 0.5))}
            onZoom={() => setRangeOfUrl(widened(range))}
          />
          <RefreshPicker
            intervals={intervals}
            value={refresh}
            isLoading={loading}
            isOnCanvas={true}
            onRefresh={props.onRefresh}
            onIntervalChanged={(interval) => setParameters({ refresh: interval || 'off' }, 'replace')}
          />
        </div>
      )}
    </div>
  );
}
