/** Alerts as the rules' states are now, which the server finds out over the rows. */
import { css } from '@emotion/css';
import { dateTimeFormat, type GrafanaTheme2, rangeUtil } from '@grafana/data';
import { BigValueColorMode, BigValueGraphMode, BigValueJustifyMode, BigValueTextMode } from '@grafana/schema';
import { BigValue, Icon, type IconName, LoadingPlaceholder, Tag, Tooltip, useStyles2, useTheme2 } from '@grafana/ui';
import { useEffect, useState } from 'react';

import type { AlertRule, AlertsAnswer, AlertState, Options } from '../contract';
import { useDashboard } from '../dashboard/context';
import { setPanelWork } from '../ready';
import { NoData } from './NoData';
import type { PanelProps } from './types';

const getStyles = (theme: GrafanaTheme2) => ({
  list: css({ height: '100%', overflow: 'auto', listStyle: 'none', margin: 0, padding: 0 }),
  group: css({ padding: theme.spacing(1, 0, 0.5), color: theme.colors.text.secondary, display: 'flex', gap: theme.spacing(0.5), flexWrap: 'wrap' }),
  rule: css({
    display: 'flex',
    gap: theme.spacing(2),
    padding: theme.spacing(1),
    marginBottom: theme.spacing(0.5),
    background: theme.colors.background.secondary,
    borderRadius: theme.shape.radius.default,
  }),
  body: css({ minWidth: 0, flexGrow: 1, overflowWrap: 'anywhere' }),
  name: css({ fontWeight: theme.typography.fontWeightMedium }),
  instance: css({ display: 'flex', flexWrap: 'wrap', gap: theme.spacing(0.5), alignItems: 'center', marginTop: theme.spacing(0.5), fontSize: theme.typography.bodySmall.fontSize }),
  toggle: css({
    display: 'flex',
    alignItems: 'center',
    padding: 0,
    border: 'none',
    background: 'none',
    color: 'inherit',
    font: 'inherit',
    fontSize: theme.typography.bodySmall.fontSize,
    cursor: 'pointer',
  }),
  summary: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize }),
});

const LOOKS: Record<AlertState, { icon: IconName; color: 'error' | 'warning' | 'success' | 'info'; text: string; rank: number }> = {
  firing: { icon: 'heart-break', color: 'error', text: 'Firing', rank: 0 },
  error: { icon: 'exclamation-circle', color: 'error', text: 'Error', rank: 1 },
  nodata: { icon: 'question-circle', color: 'info', text: 'No data', rank: 2 },
  pending: { icon: 'hourglass', color: 'warning', text: 'Pending', rank: 3 },
  recovering: { icon: 'exclamation-triangle', color: 'warning', text: 'Recovering', rank: 4 },
  normal: { icon: 'heart', color: 'success', text: 'Normal', rank: 5 },
};

function lasts(since: number | null | undefined, now: number): string {
  return since ? ` for ${rangeUtil.secondsToHms(Math.max(0, Math.round((now - since) / 1000))) || '0s'}` : '';
}

/** Alphabetical, by importance, or by age, as the panel asks. */
const SORTS: Record<number, (a: AlertRule, b: AlertRule) => number> = {
  1: (a, b) => a.name.localeCompare(b.name),
  2: (a, b) => b.name.localeCompare(a.name),
  3: (a, b) => LOOKS[a.state].rank - LOOKS[b.state].rank,
  4: (a, b) => (a.since ?? 0) - (b.since ?? 0),
  5: (a, b) => (b.since ?? 0) - (a.since ?? 0),
};

/** Instances under their rule, or under the labels that the panel groups by. */
export function grouped(answer: AlertsAnswer, options: Options): Array<{ labels: Array<[string, string]>; rules: AlertRule[][] }> {
  const all = answer.groups.flatMap((g) => g.rules).sort(SORTS[options.sortOrder] ?? SORTS[1]);
  const by: string[] = options.groupMode === 'custom' ? (options.groupBy ?? []) : [];
  const groups = new Map<string, AlertRule[]>();
  for (const alert of all) {
    const key = JSON.stringify(by.filter((l) => l in alert.labels).map((l) => [l, alert.labels[l]]));
    groups.set(key, [...(groups.get(key) ?? []), alert]);
  }
  return [...groups].map(([key, alerts]) => {
    const rules = new Map<string, AlertRule[]>();
    alerts.forEach((a) => rules.set(a.uid + a.state, [...(rules.get(a.uid + a.state) ?? []), a]));
    return { labels: JSON.parse(key), rules: [...rules.values()].slice(0, options.maxItems) };
  });
}

/** Instances are shown at once where the panel groups them; else behind how many there are, as in Grafana. */
function Rule({ alerts, now, timeZone, opened }: { alerts: AlertRule[]; now: number; timeZone: string; opened: boolean }) {
  const styles = useStyles2(getStyles);
  const [isOpen, setOpen] = useState(opened);
  const theme = useTheme2();
  const [{ name, state, annotations, dashboardUid, panelId }] = alerts;
  const look = LOOKS[state] ?? LOOKS.normal;
  const color = theme.colors[look.color].text;
  const oldest = alerts.reduce<number | null>((least, a) => (a.since && (!least || a.since < least) ? a.since : least), null);
  const href = dashboardUid ? `/d/${encodeURIComponent(dashboardUid)}${panelId ? `?viewPanel=${panelId}` : ''}` : undefined;
  return (
    <li className={styles.rule} data-testid="alert-rule" data-state={state}>
      <Icon name={look.icon} size="xl" style={{ color }} />
      <div className={styles.body}>
        <div className={styles.name}>{href ? <a href={href}>{name}</a> : name}</div>
        <div>
          <span style={{ color }}>{look.text}</span>
          {oldest && (
            <Tooltip content={dateTimeFormat(oldest, { timeZone })}>
              <span>{lasts(oldest, now)}</span>
            </Tooltip>
          )}
        </div>
        {!opened && (
          <button type="button" className={styles.toggle} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            <Icon name={isOpen ? 'angle-down' : 'angle-right'} />
            {`${alerts.length} ${alerts.length === 1 ? 'instance' : 'instances'}`}
          </button>
        )}
        {isOpen &&
          alerts.map((alert, i) => (
            <div key={i} className={styles.instance}>
              {Object.entries(alert.labels)
                .filter(([key]) => key !== 'alertname' && key !== 'grafana_folder')
                .map(([key, value]) => (
                  <Tag key={key} name={`${key}=${value}`} />
                ))}
            </div>
          ))}
        {annotations.summary && <div className={styles.summary}>{annotations.summary}</div>}
      </div>
    </li>
  );
}

export function AlertList({ panel, options, width, height, theme, timeZone }: PanelProps) {
  const styles = useStyles2(getStyles);
  const { client, uid, tick, clock, values } = useDashboard();
  const [answer, setAnswer] = useState<AlertsAnswer>();
  const [error, setError] = useState<string>();
  const chosen = JSON.stringify(values);
  useEffect(() => {
    const controller = new AbortController();
    const key = `alerts/${panel.id}`;
    setPanelWork(key, { done: false, failed: false, counted: false });
    client.alerts(uid, panel.id, controller.signal).then(
      (a) => {
        setAnswer(a);
        setError(a.error);
        setPanelWork(key, { done: true, failed: false, counted: false });
      },
      (e: unknown) => {
        if (!controller.signal.aborted) {
          setError(e instanceof Error ? e.message : String(e));
          setPanelWork(key, { done: true, failed: false, counted: false });
        }
      }
    );
    return () => {
      controller.abort();
      setPanelWork(key, undefined);
    };
  }, [client, uid, panel, tick, chosen]);
  if (error && !answer?.groups.length) {
    return <NoData>{error}</NoData>;
  }
  if (!answer) {
    return <LoadingPlaceholder text="Loading..." />;
  }
  const groups = grouped(answer, options);
  if (options.viewMode === 'stat') {
    // rules, without a colour (Grafana 10 to 13, alertlist/UnifiedAlertList.tsx, read)
    const count = groups.reduce((n, g) => n + g.rules.length, 0);
    return (
      <BigValue
        width={width}
        height={height}
        theme={theme}
        value={{ text: String(count), numeric: count }}
        colorMode={BigValueColorMode.None}
        graphMode={BigValueGraphMode.None}
        textMode={BigValueTextMode.Auto}
        justifyMode={BigValueJustifyMode.Auto}
      />
    );
  }
  if (groups.length === 0) {
    return <NoData>No alerts matching filters</NoData>;
  }
  const now = clock.fixed ?? Date.now();
  return (
    <ul className={styles.list}>
      {groups.map((group, i) => (
        <li key={i}>
          {group.labels.length > 0 && (
            <div className={styles.group}>
              {group.labels.map(([key, value]) => (
                <Tag key={key} name={`${key}=${value}`} />
              ))}
            </div>
          )}
          <ul className={styles.list}>
            {group.rules.map((alerts) => (
              <Rule key={alerts[0].uid + alerts[0].state} alerts={alerts} now={now} timeZone={timeZone} opened={options.groupMode === 'custom'} />
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}
