/** One dashboard: loads it, keeps its range, variables and annotations, and draws its panels. */
import { DashboardCursorSync, EventBusSrv, type GrafanaTheme2 } from '@grafana/data';
import { Alert, LinkButton, useTheme2 } from '@grafana/ui';
import { css } from '@emotion/css';
import { useCallback, useEffect, useMemo, useState } from 'react';

import type { Client } from '../client';
import type { AnnotationSeries, DashboardJSON, Meta, PanelJSON, Variable } from '../contract';
import { isIdle, setPageComplete } from '../ready';
import { DashboardProvider, type DashboardScope } from './context';
import { Grid } from './Grid';
import { interpolator } from './interpolate';
import { findPanel, type PlacedPanel, sections } from './layout';
import { dashboardLinks } from './links';
import { type Place, setParameters } from './location';
import { PanelFrame } from './PanelFrame';
import { type Clock, resolve } from './range';
import { Toolbar } from './Toolbar';
import { useVariables, valuesOf } from './useVariables';

const DEFAULT_RANGE = { from: 'now-6h', to: 'now' };

/** Panels whose JSON has not changed keep their identity, so that only the others are drawn anew. */
export function reuse(before: DashboardJSON | undefined, now: DashboardJSON): DashboardJSON {
  if (!before) {
    return now;
  }
  const known = new Map<string, PanelJSON>();
  const all = (panels: PanelJSON[]): PanelJSON[] => panels.flatMap((p) => [p, ...all(p.panels ?? [])]);
  for (const panel of all(before.panels)) {
    known.set(JSON.stringify(panel), panel);
  }
  const renew = (panel: PanelJSON): PanelJSON =>
    known.get(JSON.stringify(panel)) ?? (panel.panels ? { ...panel, panels: panel.panels.map(renew) } : panel);
  return { ...now, panels: now.panels.map(renew) };
}

function useDashboardJSON(client: Client, uid: string, revision: number) {
  const [state, setState] = useState<{ uid: string; dashboard?: DashboardJSON; error?: string }>({ uid });
  useEffect(() => {
    let current = true;
    client.dashboard(uid).then(
      ({ dashboard }) => current && setState((s) => ({ uid, dashboard: s.uid === uid ? reuse(s.dashboard, dashboard) : dashboard })),
      (e: unknown) => current && setState((s) => ({ uid, dashboard: s.uid === uid ? s.dashboard : undefined, error: e instanceof Error ? e.message : String(e) }))
    );
    return () => {
      current = false;
    };
  }, [client, uid, revision]);
  return state.uid === uid ? state : { uid };
}

/** `5s` in milliseconds; 0 for none. */
export function milliseconds(refresh: string): number {
  const found = /^(\d+)(ms|s|m|h|d)$/.exec(refresh);
  const sizes: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  return found ? Number(found[1]) * sizes[found[2]] : 0;
}

function useTick(refresh: string, paused: boolean) {
  const [tick, setTick] = useState(0);
  const next = useCallback(() => setTick((t) => t + 1), []);
  useEffect(() => {
    const every = milliseconds(refresh);
    if (!every || paused) {
      return;
    }
    // a refresh while the last one is on its way would cancel it, and slow queries would never end
    const timer = setInterval(() => document.visibilityState === 'visible' && isIdle() && next(), every);
    return () => clearInterval(timer);
  }, [refresh, paused, next]);
  return { tick, next };
}

function useAnnotations(client: Client, uid: string, scope: { range?: DashboardScope['range']; values: string; tick: number; wanted: boolean }) {
  const [annotations, setAnnotations] = useState<AnnotationSeries[]>([]);
  const [settled, setSettled] = useState(!scope.wanted);
  const { range, values, tick, wanted } = scope;
  useEffect(() => {
    if (!range || !wanted) {
      setAnnotations((a) => (a.length ? [] : a));
      setSettled(!wanted);
      return;
    }
    const controller = new AbortController();
    const request = { uid, from: range.from.valueOf(), to: range.to.valueOf(), variables: JSON.parse(values) };
    client
      .annotations(request, controller.signal)
      .then((answer) => setAnnotations(answer.annotations))
      .catch(() => undefined)
      .finally(() => !controller.signal.aborted && setSettled(true));
    return () => controller.abort();
  }, [client, uid, range?.from.valueOf(), range?.to.valueOf(), values, tick, wanted]);
  return { annotations, settled };
}

const getStyles = (theme: GrafanaTheme2) => css({ padding: theme.spacing(2) });

interface Props {
  client: Client;
  meta: Meta;
  place: Place;
  uid: string;
  revision: number;
}

export function DashboardPage({ client, meta, place, uid, revision }: Props) {
  const theme = useTheme2();
  const { dashboard, error } = useDashboardJSON(client, uid, revision);
  const saved = typeof dashboard?.refresh === 'string' ? dashboard.refresh : '';
  const refresh = place.refresh === 'off' ? '' : (place.refresh ?? saved);
  const isStatic = client.data !== undefined;
  const { tick, next } = useTick(refresh, isStatic || place.kiosk);
  const timeZone = place.timezone ?? client.data?.timezone ?? (dashboard?.timezone || 'browser');
  const fixed = client.data?.range.toMs ?? meta.now ?? undefined;
  const clock = useMemo<Clock>(
    () => ({ fixed, timeZone, fiscalYearStartMonth: dashboard?.fiscalYearStartMonth }),
    [fixed, timeZone, dashboard?.fiscalYearStartMonth]
  );
  const from = place.from ?? dashboard?.time?.from ?? DEFAULT_RANGE.from;
  const to = place.to ?? dashboard?.time?.to ?? DEFAULT_RANGE.to;
  const loaded = dashboard !== undefined;
  const { range, rangeError } = useMemo(() => {
    if (!loaded) {
      return {};
    }
    try {
      return { range: resolve({ from, to }, clock) };
    } catch (e) {
      return { range: resolve(DEFAULT_RANGE, clock), rangeError: (e as Error).message };
    }
  }, [loaded, from, to, clock, tick]);

  const { variables, settled: variablesSettled, error: variablesError, choose } = useVariables(client, uid, dashboard, place.variables, range);
  const listed = useMemo(
    () => (dashboard?.annotations?.list ?? []).filter((a) => !a.builtIn && a.enable !== false),
    [dashboard]
  );
  const [hidden, setHidden] = useState<string[]>([]);
  const values = JSON.stringify(valuesOf(variables ?? []));
  const { annotations, settled } = useAnnotations(client, uid, {
    range,
    values,
    tick,
    wanted: listed.length > 0 && variables !== undefined,
  });
  const [toggled, setToggled] = useState<Record<string, boolean>>({});
  const eventBus = useMemo(() => new EventBusSrv(), [uid]);

  const replace = useMemo(() => {
    if (!range || !variables || !dashboard) {
      return undefined;
    }
    return interpolator({ variables, range, timeZone, dashboard: { uid, title: dashboard.title } });
  }, [variables, range, timeZone, uid, dashboard?.title]);

  const scope = useMemo<DashboardScope | undefined>(() => {
    if (!dashboard || !range || !variables || !replace) {
      return undefined;
    }
    return {
      client,
      meta,
      uid,
      dashboard,
      clock,
      range,
      tick,
      timeZone,
      theme,
      variables,
      values: valuesOf(variables),
      annotations: annotations.filter((a) => !hidden.includes(a.name)),
      replace,
      cursorSync: (dashboard.graphTooltip ?? 0) as DashboardCursorSync,
      eventBus,
      all: place.all || isStatic,
      kiosk: place.kiosk,
      setRange: (a, b) => !isStatic && setParameters({ from: String(Math.round(a)), to: String(Math.round(b)) }),
    };
  }, [client, meta, uid, dashboard, clock, range, tick, timeZone, theme, variables, annotations, hidden, replace, eventBus, place.all, place.kiosk, isStatic]);

  useEffect(() => setPageComplete(Boolean(error && !dashboard) || (scope !== undefined && settled && variablesSettled)), [scope, settled, variablesSettled, error, dashboard]);
  useEffect(() => () => setPageComplete(false), [uid]);
  useEffect(() => {
    document.title = dashboard ? `${dashboard.title} - dashgen preview` : 'dashgen preview';
  }, [dashboard]);

  if (error && !dashboard) {
    return (
      <div className={getStyles(theme)}>
        <Alert severity="error" title={`The dashboard ${uid} can't be shown`}>
          {error}
        </Alert>
        <LinkButton href="/" variant="secondary">
          All dashboards
        </LinkButton>
      </div>
    );
  }
  if (!scope || !replace || !dashboard || !variables || !range) {
    return null;
  }
  const links = dashboardLinks(dashboard.links, meta, uid, replace, { range, variables });
  const viewed = place.viewPanel;
  const one = viewed ? viewedPanel(viewed, dashboard, variables) : undefined;
  const layout = one ? [] : sections(dashboard, variables, (key, collapsed) => toggled[key] ?? collapsed);
  return (
    <DashboardProvider value={scope}>
      <div className={getStyles(theme)}>
        {!place.kiosk && (
          <Toolbar
            dashboard={dashboard}
            range={range}
            timeZone={timeZone}
            variables={variables}
            links={links}
            annotations={listed.filter((a) => !a.hide)}
            hiddenAnnotations={hidden}
            refresh={refresh}
            loading={false}
            fixed={isStatic}
            onVariable={choose}
            onAnnotation={(name, isShown) => setHidden((h) => (isShown ? h.filter((n) => n !== name) : [...h, name]))}
            onRefresh={next}
          />
        )}
        {[rangeError, variablesError, ...annotations.map((a) => a.error && `Annotation ${a.name}: ${a.error}`)].map(
          (message, i) => message && <Alert key={i} severity="error" title={message} />
        )}
        {one ? (
          <Viewed placed={one} kiosk={place.kiosk} />
        ) : viewed ? (
          <Alert severity="warning" title={`There is no panel ${viewed} in this dashboard`} />
        ) : (
          <Grid sections={layout} replace={replace} onToggle={(key, collapsed) => setToggled((t) => ({ ...t, [key]: collapsed }))} />
        )}
      </div>
    </DashboardProvider>
  );
}

const MARGIN = 32;
const CHROME = 150;

/** A copy of a repeated panel by its key, or a panel by its id: of a repeated one the first copy, as in Grafana. */
function viewedPanel(asked: string, dashboard: DashboardJSON, variables: Variable[]): PlacedPanel | undefined {
  const all = sections(dashboard, variables, () => false).flatMap((s) => s.panels);
  const id = Number(/\d+/.exec(asked)?.[0]);
  const found = all.find((p) => p.key === asked) ?? all.find((p) => p.panel.id === id);
  const panel = found ? undefined : findPanel(dashboard, id);
  return found ?? (panel && { key: asked, panel, pos: panel.gridPos, scoped: {} });
}

/** A panel that fills the window. */
function Viewed({ placed, kiosk }: { placed: PlacedPanel; kiosk: boolean }) {
  return (
    <>
      {!kiosk && (
        <LinkButton variant="secondary" icon="arrow-left" fill="text" onClick={(e) => { e.preventDefault(); setParameters({ viewPanel: null }); }} href="#">
          Back to dashboard
        </LinkButton>
      )}
      <div style={{ height: `calc(100vh - ${kiosk ? MARGIN : MARGIN + CHROME}px)`, minHeight: 200 }}>
        <PanelFrame placed={placed} />
      </div>
    </>
  );
}
