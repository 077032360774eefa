/** A chart on Grafana's axes whose marks are drawn here: kinds that @grafana/ui has no component for. */
import { DashboardCursorSync, type FieldColorMode, type GrafanaTheme2, type LinkModel, type TimeRange } from '@grafana/data';
import { AxisPlacement, GraphDrawStyle, ScaleDirection, ScaleOrientation } from '@grafana/schema';
import { Portal, UPlotChart, UPlotConfigBuilder, VizLayout, VizTooltipContainer, VizTooltipContent, VizTooltipFooter, VizTooltipHeader, type VizTooltipItem, VizTooltipWrapper } from '@grafana/ui';
import { type ReactElement, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type uPlot from 'uplot';

import { useDashboard } from '../dashboard/context';
import { AnnotationsPlugin } from './Annotations';
import { addPadding } from './padding';

export interface Tip {
  header: string;
  items: VizTooltipItem[];
  /** Data links of what is under the pointer. */
  links?: () => LinkModel[];
}

/** What is under the pointer, at a place within the plot. */
export type Pick = (u: uPlot, left: number, top: number) => Tip | undefined;

export const none: uPlot.Series.PathBuilder = () => null;

/** A horizontal axis of time. */
export function addTimeAxis(builder: UPlotConfigBuilder, theme: GrafanaTheme2, timeZone: string, range: TimeRange, grid = false): void {
  builder.addScale({
    scaleKey: 'x',
    isTime: true,
    orientation: ScaleOrientation.Horizontal,
    direction: ScaleDirection.Right,
    range: () => [range.from.valueOf(), range.to.valueOf()],
  });
  builder.addAxis({ scaleKey: 'x', isTime: true, placement: AxisPlacement.Bottom, timeZone, theme, grid: { show: grid } });
  addPadding(builder);
}

/** A vertical axis with a line for each of some names; `at` says where, in rows from 0. */
export function addNamesAxis(
  builder: UPlotConfigBuilder,
  theme: GrafanaTheme2,
  names: string[],
  { direction, at = 0.5, placement = AxisPlacement.Left, size, extent = names.length }: { direction: ScaleDirection; at?: number; placement?: AxisPlacement; size?: number | null; extent?: number }
): void {
  builder.addScale({ scaleKey: 'y', orientation: ScaleOrientation.Vertical, direction, range: () => [0, extent] });
  const room = (u: uPlot) => Math.max(1, Math.ceil((14 * names.length) / (u.bbox.height / devicePixelRatio || 1)));
  const shown = (u: uPlot) => names.map((_, i) => i).filter((i) => i % room(u) === 0);
  builder.addAxis({
    scaleKey: 'y',
    placement: placement === AxisPlacement.Auto ? AxisPlacement.Left : placement,
    theme,
    size,
    grid: { show: false },
    ticks: { show: false },
    splits: (u) => shown(u).map((i) => i + at),
    values: (u) => shown(u).map((i) => names[i]),
  });
}

/** A series that is not drawn by uPlot: it gives scales their data and the legend its entry. */
export function addMark(builder: UPlotConfigBuilder, theme: GrafanaTheme2, scaleKey: string, more: Partial<Parameters<UPlotConfigBuilder['addSeries']>[0]> & { colorMode?: FieldColorMode } = {}): void {
  builder.addSeries({ scaleKey, theme, drawStyle: GraphDrawStyle.Line, pathBuilder: none, pointsBuilder: (() => false) as never, show: true, ...more });
}

/** Draws within the plot, in device pixels; and in some room above and right of it, in pixels of the page. */
export function drawWith(
  builder: UPlotConfigBuilder,
  draw: (u: uPlot, context: CanvasRenderingContext2D, ratio: number) => void,
  room = 0
): void {
  builder.addHook('draw', (u) => {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.beginPath();
    const more = room * devicePixelRatio;
    ctx.rect(bbox.left, bbox.top - more, bbox.width + more, bbox.height + more);
    ctx.clip();
    draw(u, ctx, devicePixelRatio);
    ctx.restore();
  });
}

interface HoverProps {
  config: UPlotConfigBuilder;
  pick: Pick;
}

interface Shown {
  tip: Tip;
  x: number;
  y: number;
  /** Links of a tooltip that stays, after a click. */
  links?: LinkModel[];
}

function HoverPlugin({ config, pick }: HoverProps) {
  const latest = useRef(pick);
  latest.current = pick;
  const [shown, setShown] = useState<Shown>();
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    config.addHook('init', (u) => {
      const under = (e: MouseEvent): Shown | undefined => {
        const { left, top } = u.over.getBoundingClientRect();
        const tip = latest.current(u, e.clientX - left, e.clientY - top);
        return tip && { tip, x: e.clientX, y: e.clientY };
      };
      u.over.addEventListener('mousemove', (e) => setShown((before) => (before?.links ? before : under(e))));
      u.over.addEventListener('mouseleave', () => setShown((before) => (before?.links ? before : undefined)));
      u.over.addEventListener('click', (e) => {
        const found = under(e);
        const links = found?.tip.links?.() ?? [];
        if (found && links.length) {
          setShown({ ...found, links });
        }
      });
    });
  }, [config]);
  const stays = shown?.links !== undefined;
  useEffect(() => {
    if (!stays) {
      return;
    }
    const leave = (e: MouseEvent) => !box.current?.contains(e.target as Node) && setShown(undefined);
    document.addEventListener('mousedown', leave);
    return () => document.removeEventListener('mousedown', leave);
  }, [stays]);
  if (!shown) {
    return null;
  }
  return (
    <Portal>
      <VizTooltipContainer position={{ x: shown.x, y: shown.y }} offset={{ x: 10, y: 10 }} allowPointerEvents={stays}>
        <div ref={box} data-testid="chart-tooltip">
          <VizTooltipWrapper>
            <VizTooltipHeader item={{ label: '', value: shown.tip.header }} isPinned={stays} />
            <VizTooltipContent items={shown.tip.items} isPinned={stays} />
            {shown.links && <VizTooltipFooter dataLinks={shown.links as never} />}
          </VizTooltipWrapper>
        </div>
      </VizTooltipContainer>
    </Portal>
  );
}

/** Dragging over a time axis chooses a range. */
function ZoomPlugin({ config }: { config: UPlotConfigBuilder }) {
  const { setRange, cursorSync } = useDashboard();
  const latest = useRef(setRange);
  latest.current = setRange;
  useLayoutEffect(() => {
    const sync = cursorSync === DashboardCursorSync.Off ? {} : { sync: { key: 'preview', scales: ['x', null] as [string, null] } };
    config.setCursor({ drag: { x: true, y: false, setScale: false }, ...sync });
    config.addHook('setSelect', (u) => {
      const { left, width } = u.select;
      if (width > 5 && u.cursor.event) {
        latest.current(u.posToVal(left, 'x'), u.posToVal(left + width, 'x'));
      }
      u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    });
  }, [config, cursorSync]);
  return null;
}

interface Props {
  width: number;
  height: number;
  config: UPlotConfigBuilder;
  data: uPlot.AlignedData;
  legend?: ReactElement | null;
  pick?: Pick;
  /** Of a chart over time: events are shown, and dragging chooses a range. */
  timeZone?: string;
}

export function Chart({ width, height, config, data, legend = null, pick, timeZone }: Props) {
  // a tooltip of uPlot's own would follow hidden series
  useMemo(() => config.setCursor({ points: { show: false } }), [config]);
  return (
    <VizLayout width={width} height={height} legend={legend as never}>
      {(innerWidth, innerHeight) => (
        <UPlotChart config={config} data={data} width={innerWidth} height={innerHeight}>
          {pick && <HoverPlugin config={config} pick={pick} />}
          {timeZone !== undefined && <ZoomPlugin config={config} />}
          {timeZone !== undefined && <AnnotationsPlugin config={config} timeZone={timeZone} interactive={true} />}
        </UPlotChart>
      )}
    </VizLayout>
  );
}
