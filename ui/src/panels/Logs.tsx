/** Lines of a log: @grafana/ui has no such list. */
import { css, cx } from '@emotion/css';
import { dateTimeFormat, FieldType, type GrafanaTheme2 } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import { useMemo } from 'react';

import { NoData } from './NoData';
import type { PanelProps } from './types';

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ height: '100%', overflow: 'auto', fontFamily: theme.typography.fontFamilyMonospace, fontSize: theme.typography.bodySmall.fontSize }),
  line: css({ display: 'flex', gap: theme.spacing(1), paddingLeft: theme.spacing(1), marginBottom: 1, borderLeft: '3px solid', lineHeight: '18px' }),
  time: css({ color: theme.colors.text.secondary, whiteSpace: 'nowrap' }),
  message: css({ whiteSpace: 'pre' }),
  wrapped: css({ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }),
});

const MOST = 5000;
const LEVELS: Array<[RegExp, string]> = [
  [/^(crit|critical|fatal|emerg|alert)/i, 'purple'],
  [/^err/i, 'red'],
  [/^warn/i, 'yellow'],
  [/^(info|notice)/i, 'green'],
  [/^(debug|dbug)/i, 'blue'],
  [/^trace/i, 'light-blue'],
];

export function Logs({ frames, options, theme, timeZone, fieldConfig }: PanelProps) {
  const styles = useStyles2(getStyles);
  const lines = useMemo(() => {
    const out = frames.flatMap((frame) => {
      const time = frame.fields.find((f) => f.type === FieldType.time);
      const level = frame.fields.find((f) => /^(level|severity|lvl|detected_level)$/i.test(f.name));
      const message = frame.fields.find((f) => f.type === FieldType.string && /^(body|line|message|msg)$/i.test(f.name)) ?? frame.fields.find((f) => f.type === FieldType.string && f !== level);
      return Array.from({ length: message ? frame.length : 0 }, (_, i) => ({ time: time?.values[i] as number | undefined, level: String(level?.values[i] ?? ''), text: String(message?.values[i] ?? '') }));
    });
    const sign = options.sortOrder === 'Ascending' ? 1 : -1;
    return out.sort((a, b) => sign * ((a.time ?? 0) - (b.time ?? 0))).slice(0, MOST);
  }, [frames, options.sortOrder]);
  if (lines.length === 0) {
    return <NoData>{fieldConfig.defaults.noValue ?? 'No data'}</NoData>;
  }
  const color = (level: string) => theme.visualization.getColorByName(LEVELS.find(([name]) => name.test(level))?.[1] ?? 'gray');
  return (
    <div className={styles.list}>
      {lines.map((line, i) => (
        <div key={i} className={styles.line} style={{ borderLeftColor: color(line.level) }} data-testid="log-line">
          {options.showTime && line.time !== undefined && <span className={styles.time}>{dateTimeFormat(line.time, { timeZone, defaultWithMS: true })}</span>}
          <span className={cx(styles.message, options.wrapLogMessage && styles.wrapped)}>{line.text}</span>
        </div>
      ))}
    </div>
  );
}
