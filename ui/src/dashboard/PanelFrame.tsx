/** A panel with its header: title, description, links, state of its queries, menu. */
import { css } from '@emotion/css';
import { DashboardCursorSync, type EventBus, type InterpolateFunction, LoadingState, renderMarkdown, type ScopedVars } from '@grafana/data';
import {
  Dropdown,
  ErrorBoundary,
  Icon,
  Menu,
  PanelChrome,
  PanelContextProvider,
  SeriesVisibilityChangeMode,
  Tooltip,
} from '@grafana/ui';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';

import { loadPanel } from '../grafana/plugins';
import { componentOf, WITHOUT_PADDING } from '../panels';
import { NoData } from '../panels/NoData';
import { setPanelWork } from '../ready';
import { useDashboard } from './context';
import { Inspector, type InspectorTab } from './Inspector';
import type { PlacedPanel } from './layout';
import { safeUrl } from './links';
import { setParameters } from './location';
import { type PanelData, usePanelData } from './usePanelData';

const frame = css({ position: 'relative', width: '100%', height: '100%' });
const error = css({ whiteSpace: 'pre-wrap' });

/** Another panel's moment is no place on their axis. */
const NOT_OVER_TIME = new Set(['trend', 'xychart']);

/** Panels that fetch or hold what they show by themselves. */
const WITHOUT_DATA = new Set(['text', 'alertlist', 'dashlist', 'news']);

function useSize() {
  const ref = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) {
      return;
    }
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = element;
      setSize((s) => (s.width === width && s.height === height ? s : { width, height }));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, ...size };
}

/** Whether an element is in view or near it; undefined until the browser has said so. */
function useInView(ref: React.RefObject<HTMLElement | null>, always: boolean): boolean | undefined {
  const [seen, setSeen] = useState<boolean | undefined>(always || undefined);
  useEffect(() => {
    if (always || !ref.current) {
      setSeen(always);
      return;
    }
    const observer = new IntersectionObserver((entries) => setSeen(entries.some((e) => e.isIntersecting)), { rootMargin: '200px' });
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, [always, ref]);
  return seen;
}

function PanelLinks({ placed, replace }: { placed: PlacedPanel; replace: InterpolateFunction }) {
  const links = (placed.panel.links ?? []).map((link) => ({
    title: replace(link.title),
    href: safeUrl(replace(link.url ?? '', undefined, 'uriencode')),
    target: link.targetBlank ? '_blank' : undefined,
  }));
  if (links.length === 0) {
    return null;
  }
  if (links.length === 1) {
    const [{ title, href, target }] = links;
    return (
      <Tooltip content={title}>
        <PanelChrome.TitleItem href={href} target={target as never} data-testid="panel-link">
          <Icon name="external-link-alt" size="md" />
        </PanelChrome.TitleItem>
      </Tooltip>
    );
  }
  const menu = (
    <Menu>
      {links.map((link, i) => (
        <Menu.Item key={i} label={link.title} url={link.href} target={link.target as never} />
      ))}
    </Menu>
  );
  return (
    <Dropdown overlay={menu}>
      <PanelChrome.TitleItem data-testid="panel-links">
        <Icon name="external-link-alt" size="md" />
      </PanelChrome.TitleItem>
    </Dropdown>
  );
}

/** Series that a click in the legend leaves: a click shows one alone, or all again; with ctrl it adds or takes away. */
function useLegendChoice(names: () => string[]) {
  const [only, setOnly] = useState<string[] | null>(null);
  const toggle = useCallback(
    (label: string | string[] | null, mode: SeriesVisibilityChangeMode) => {
      setOnly((before) => {
        if (label === null) {
          return null;
        }
        if (Array.isArray(label)) {
          return label;
        }
        if (mode === SeriesVisibilityChangeMode.ToggleSelection) {
          return before?.length === 1 && before[0] === label ? null : [label];
        }
        const shown = before ?? names();
        const next = shown.includes(label) ? shown.filter((n) => n !== label) : [...shown, label];
        return next.length === names().length ? null : next;
      });
    },
    [names]
  );
  return { only, toggle };
}

function seriesNames(data: PanelData | undefined): string[] {
  return (data?.frames ?? []).flatMap((f) => f.fields.filter((x) => x.type !== 'time').map((x) => x.state?.displayName ?? x.name));
}

interface Props {
  placed: PlacedPanel;
}

export function PanelFrame({ placed }: Props) {
  const scope = useDashboard();
  const { panel } = placed;
  const { ref, width, height } = useSize();
  const inView = useInView(ref, scope.all);
  const visible = inView === true;
  const loaded = useMemo(() => loadPanel(panel), [panel]);
  const latest = useRef<PanelData>(undefined);
  const { only, toggle } = useLegendChoice(useCallback(() => seriesNames(latest.current), []));
  const padding = WITHOUT_PADDING.has(panel.type) ? 'none' : 'md';
  const data = usePanelData(placed, loaded, width - (padding === 'md' ? 18 : 2), visible, only);
  latest.current = data;
  const [tab, setTab] = useState<InspectorTab>();
  const [crash, setCrash] = useState<string>();

  const scoped = JSON.stringify(placed.scoped);
  const replace: InterpolateFunction = useCallback(
    (text, vars, format) => scope.replace(text, { ...(placed.scoped as ScopedVars), ...vars }, format),
    [scope.replace, scoped]
  );
  const context = useMemo(
    () => ({
      eventBus: scope.eventBus.newScopedBus(placed.key, { onlyLocal: scope.cursorSync === DashboardCursorSync.Off || NOT_OVER_TIME.has(panel.type) }) as EventBus,
      eventsScope: 'preview',
      sync: () => scope.cursorSync,
      canAddAnnotations: () => false,
      onToggleSeriesVisibility: toggle,
    }),
    [scope.eventBus, scope.cursorSync, placed.key, panel.type, toggle]
  );

  useEffect(() => {
    if (inView === false) {
      setPanelWork(placed.key, undefined);
      return;
    }
    setPanelWork(placed.key, { done: visible && width > 0 && !data.pending, failed: data.errors.length > 0 || crash !== undefined });
  }, [placed.key, inView, width, data.pending, data.errors, crash]);
  useEffect(() => () => setPanelWork(placed.key, undefined), [placed.key]);

  const title = replace(panel.title ?? '');
  const Component = componentOf(panel.type);
  const waiting = data.pending && !data.answer && !WITHOUT_DATA.has(panel.type);
  const failed = data.errors.length > 0 && data.frames.every((f) => f.length === 0);
  const status = crash ?? (data.errors.length ? data.errors.join('\n') : undefined);
  const hasRows = data.frames.some((f) => f.length > 0 && f.fields.length > 0);

  const body = (innerWidth: number, innerHeight: number) => {
    if (innerWidth <= 0 || innerHeight <= 0 || !visible && !data.answer || waiting) {
      return null;
    }
    if (failed && !WITHOUT_DATA.has(panel.type)) {
      return <div className={error} style={{ height: '100%' }} data-testid="panel-error"><NoData>{data.errors.join('\n')}</NoData></div>;
    }
    if (!WITHOUT_DATA.has(panel.type) && panel.type !== 'table' && !hasRows) {
      return <NoData>{loaded.fieldConfig.defaults.noValue ?? 'No data'}</NoData>;
    }
    return (
      <ErrorBoundary dependencies={[data.frames]} onError={(e: Error) => setCrash(e.message)} onRecover={() => setCrash(undefined)}>
        {({ error: broken }) =>
          broken ? (
            <NoData>{`The preview could not draw this panel: ${broken.message}`}</NoData>
          ) : (
            <Component
              panel={panel}
              options={loaded.options}
              fieldConfig={loaded.fieldConfig}
              frames={data.frames}
              width={innerWidth}
              height={innerHeight}
              range={data.range}
              timeZone={scope.timeZone}
              theme={scope.theme}
              replace={replace}
              structureRev={data.structureRev}
            />
          )
        }
      </ErrorBoundary>
    );
  };

  const menu = () => (
    <Menu>
      <Menu.Item label="View" icon="eye" onClick={() => setParameters({ viewPanel: placed.key })} />
      <Menu.Item
        label="Inspect"
        icon="info-circle"
        onClick={() => setTab('data')}
        childItems={[
          <Menu.Item key="data" label="Data" onClick={() => setTab('data')} />,
          <Menu.Item key="query" label="Query" onClick={() => setTab('query')} />,
          <Menu.Item key="json" label="Panel JSON" onClick={() => setTab('json')} />,
        ]}
      />
    </Menu>
  );

  return (
    <div ref={ref} className={frame} data-panel-id={panel.id} data-panel-key={placed.key} data-panel-kind={panel.type} data-panel-drawn={width > 0 && visible && !data.pending}>
      {width > 0 && (
        <PanelChrome
          width={width}
          height={height}
          title={title}
          description={panel.description ? () => renderMarkdown(replace(panel.description ?? '')) : ''}
          displayMode={panel.transparent ? 'transparent' : 'default'}
          padding={padding}
          hoverHeader={!title && !data.rangeInfo}
          loadingState={data.loading && !scope.kiosk ? LoadingState.Loading : LoadingState.Done}
          statusMessage={status}
          statusMessageOnClick={() => setTab('error')}
          onCancelQuery={data.cancel}
          menu={scope.kiosk ? undefined : menu}
          titleItems={
            <>
              <PanelLinks placed={placed} replace={replace} />
              {data.rangeInfo && (
                <PanelChrome.TitleItem data-testid="panel-range">
                  <Icon name="clock-nine" size="sm" /> {data.rangeInfo}
                </PanelChrome.TitleItem>
              )}
            </>
          }
        >
          {(innerWidth, innerHeight) => <PanelContextProvider value={context}>{body(innerWidth, innerHeight)}</PanelContextProvider>}
        </PanelChrome>
      )}
      {tab && <Inspector panel={panel} title={title} data={data} tab={tab} onTab={setTab} onClose={() => setTab(undefined)} />}
    </div>
  );
}
