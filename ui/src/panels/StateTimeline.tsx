/** State timeline and status history: a row of boxes for each series. */
import {
  colorManipulator,
  type DataFrame,
  dateTimeFormat,
  type Field,
  FieldColorModeId,
  FieldType,
  formattedValueToString,
  getFieldColorModeForField,
  getFieldDisplayName,
  getValueFormat,
  type GrafanaTheme2,
  ThresholdsMode,
} from '@grafana/data';
import { type LegendPlacement, ScaleDirection, TooltipDisplayMode, VisibilityMode } from '@grafana/schema';
import { getFieldDisplayLinks, getTextColorForAlphaBackground, Pagination, UPlotConfigBuilder, VizLayout, VizLegend, type VizLegendItem, VizTooltipColorIndicator, VizTooltipColorPlacement } from '@grafana/ui';
import { useMemo, useState } from 'react';

import { addMark, addNamesAxis, addTimeAxis, Chart, drawWith, type Pick } from './Chart';
import { NoData } from './NoData';
import { missing } from './Timeseries';
import type { PanelProps } from './types';

interface Box {
  from: number;
  to: number;
  text: string;
  color: string;
  /** Of the field's own values. */
  row: number;
}

export interface Row {
  field: Field;
  name: string;
  boxes: Box[];
}

const PAGER_HEIGHT = 34;
const FONT = 12;
const MARGIN = 2;

function colorOf(field: Field, theme: GrafanaTheme2): string {
  const mode = getFieldColorModeForField(field);
  return mode.getCalculator ? mode.getCalculator(field, theme)(0, 0) : theme.visualization.getColorByName('gray');
}

/** Runs of one value, up to the next one's time; the last goes on to the end of the chart. */
function bands(field: Field, order: number[], times: number[], end: number, merge: boolean, theme: GrafanaTheme2): Box[] {
  const out: Box[] = [];
  const span: unknown = field.config.custom?.spanNulls;
  let last: Box | undefined;
  let since = 0;
  for (let i = 0; i < times.length; i++) {
    const value: unknown = field.values[order[i]];
    const to = times[i + 1] ?? Math.max(end, times[i]);
    if (value === null || value === undefined) {
      const goesOn = span === true || (typeof span === 'number' && times[i] - since <= span);
      if (last && goesOn) {
        last.to = to;
      } else {
        last = undefined;
      }
      continue;
    }
    since = to;
    const shown = field.display?.(value);
    const text = shown ? formattedValueToString(shown) : String(value);
    const color = shown?.color ?? colorOf(field, theme);
    if (merge && last && last.text === text && last.color === color) {
      last.to = to;
    } else {
      last = { from: times[i], to, text, color, row: order[i] };
      out.push(last);
    }
  }
  return out;
}

/** A box for each value, around its time. */
function samples(field: Field, order: number[], times: number[], width: number, step: number, theme: GrafanaTheme2): Box[] {
  const half = (step * width) / 2;
  return times.flatMap((time, i): Box[] => {
    const value: unknown = field.values[order[i]];
    if (value === null || value === undefined) {
      return [];
    }
    const shown = field.display?.(value);
    return [{ from: time - half, to: time + half, text: shown ? formattedValueToString(shown) : String(value), color: shown?.color ?? colorOf(field, theme), row: order[i] }];
  });
}

export function smallestStep(times: number[]): number {
  let least = Infinity;
  for (let i = 1; i < times.length; i++) {
    if (times[i] > times[i - 1]) {
      least = Math.min(least, times[i] - times[i - 1]);
    }
  }
  return least;
}

function rowsOf({ frames, options, range, theme, panel }: PanelProps): Row[] {
  const history = panel.type === 'status-history';
  return frames.flatMap((frame) => {
    const time = frame.fields.find((f) => f.type === FieldType.time);
    if (!time) {
      return [];
    }
    const order = time.values.map((_, i) => i).sort((a, b) => time.values[a] - time.values[b]);
    const times: number[] = order.map((i) => time.values[i]);
    const least = smallestStep(times);
    const step = Number.isFinite(least) ? least : (range.to.valueOf() - range.from.valueOf()) / 20;
    return frame.fields
      .filter((f) => f !== time && !f.config.custom?.hideFrom?.viz)
      .map((field): Row => {
        const boxes = history
          ? samples(field, order, times, options.colWidth ?? 0.9, step, theme)
          : bands(field, order, times, range.to.valueOf(), options.mergeValues !== false, theme);
        return { field, name: getFieldDisplayName(field, frame, frames), boxes };
      });
  });
}

/** What the boxes' colours mean. Colours that run into each other are not explained. */
export function legendOf(rows: Row[], theme: GrafanaTheme2): VizLegendItem[] {
  const config = rows[0]?.field.config;
  const mode = config?.color?.mode ?? FieldColorModeId.Fixed;
  const steps = config?.thresholds?.steps ?? [];
  if (mode === FieldColorModeId.Thresholds && steps.length > 1) {
    const percent = config?.thresholds?.mode === ThresholdsMode.Percentage;
    const format = getValueFormat(percent ? 'percent' : (config?.unit ?? ''));
    const write = (value: number) => formattedValueToString(format(value, config?.decimals));
    return steps.map((step, i) => ({
      label: step.value === -Infinity ? `< ${write(steps[i + 1].value)}` : `${write(step.value)}+`,
      color: theme.visualization.getColorByName(step.color),
      yAxis: 1,
    }));
  }
  if (mode.startsWith('continuous')) {
    return [];
  }
  const states = new Map<string, string>();
  for (const { boxes } of rows) {
    boxes.forEach(({ text, color }) => states.set(text, color));
  }
  return [...states].filter(([label]) => label !== '').map(([label, color]) => ({ label, color, yAxis: 1 }));
}

export function legendElement(items: VizLegendItem[], legend: { showLegend?: boolean; placement?: LegendPlacement; displayMode?: never; width?: number }) {
  if (legend?.showLegend === false || items.length === 0) {
    return null;
  }
  const placement = legend?.placement ?? ('bottom' as LegendPlacement);
  return (
    <VizLayout.Legend placement={placement} width={legend?.width}>
      <VizLegend items={items} placement={placement} displayMode={legend?.displayMode ?? ('list' as never)} />
    </VizLayout.Legend>
  );
}

function paint(builder: UPlotConfigBuilder, rows: Row[], { options, theme }: PanelProps) {
  const height = options.rowHeight ?? 0.9;
  drawWith(builder, (u, ctx, ratio) => {
    ctx.font = `${FONT * ratio}px ${theme.typography.fontFamily}`;
    ctx.textBaseline = 'middle';
    rows.forEach(({ field, boxes }, i) => {
      const custom = field.config.custom ?? {};
      const opacity = (custom.fillOpacity ?? 70) / 100;
      const top = u.valToPos(i + (1 - height) / 2, 'y', true);
      const bottom = u.valToPos(i + 1 - (1 - height) / 2, 'y', true);
      for (const box of boxes) {
        const left = Math.max(u.valToPos(box.from, 'x', true), u.bbox.left);
        const right = Math.min(u.valToPos(box.to, 'x', true), u.bbox.left + u.bbox.width);
        if (right <= left) {
          continue;
        }
        const fill = colorManipulator.alpha(box.color, opacity);
        ctx.fillStyle = fill;
        ctx.fillRect(left, top, right - left, bottom - top);
        if (custom.lineWidth > 0) {
          ctx.lineWidth = custom.lineWidth * ratio;
          ctx.strokeStyle = box.color;
          ctx.strokeRect(left + ctx.lineWidth / 2, top + ctx.lineWidth / 2, Math.max(0, right - left - ctx.lineWidth), bottom - top - ctx.lineWidth);
        }
        const room = right - left - 2 * MARGIN * ratio;
        const fits = ctx.measureText(box.text).width <= room && FONT * ratio <= bottom - top;
        if (options.showValue === VisibilityMode.Never || (options.showValue !== VisibilityMode.Always && !fits)) {
          continue;
        }
        ctx.fillStyle = getTextColorForAlphaBackground(fill, theme.isDark);
        const align = options.alignValue ?? (height ? 'left' : 'center');
        ctx.textAlign = align;
        const x = align === 'left' ? left + MARGIN * ratio : align === 'right' ? right - MARGIN * ratio : (left + right) / 2;
        ctx.fillText(box.text, x, (top + bottom) / 2);
      }
    });
  });
}

function build(rows: Row[], props: PanelProps): UPlotConfigBuilder {
  const { theme, timeZone, range } = props;
  const builder = new UPlotConfigBuilder(timeZone);
  const custom = rows[0]?.field.config.custom ?? {};
  addTimeAxis(builder, theme, timeZone, range);
  addNamesAxis(builder, theme, rows.map((r) => r.name), { direction: ScaleDirection.Down, placement: custom.axisPlacement, size: custom.axisWidth });
  addMark(builder, theme, 'y');
  paint(builder, rows, props);
  return builder;
}

function picker(rows: Row[], { options, timeZone }: PanelProps): Pick | undefined {
  if (options.tooltip?.mode === TooltipDisplayMode.None) {
    return undefined;
  }
  return (u, left, top) => {
    const time = u.posToVal(left, 'x');
    const index = Math.floor(u.posToVal(top, 'y'));
    const all = options.tooltip?.mode === TooltipDisplayMode.Multi;
    const found = rows
      .map((row, i) => ({ row, i, box: row.boxes.find((b) => b.from <= time && time < b.to) }))
      .filter(({ i, box }) => box && (all || i === index));
    if (found.length === 0) {
      return undefined;
    }
    const box = (found.find(({ i }) => i === index) ?? found[0]).box as Box;
    const write = (ms: number) => dateTimeFormat(ms, { timeZone });
    const { field } = (found.find(({ i }) => i === index) ?? found[0]).row;
    return {
      header: `${write(box.from)} - ${write(box.to)}`,
      links: () => getFieldDisplayLinks(field, box.row),
      items: found.map(({ row, i, box }) => ({
        label: row.name,
        value: box?.text ?? '',
        color: box?.color,
        colorIndicator: VizTooltipColorIndicator.value,
        colorPlacement: VizTooltipColorPlacement.trailing,
        isActive: all && i === index,
      })),
    };
  };
}

export function StateTimeline(props: PanelProps) {
  const { frames, options, width, height, theme, timeZone, range, fieldConfig, panel } = props;
  const [page, setPage] = useState(1);
  const rows = useMemo(() => rowsOf(props), [frames, options, theme, range]);
  const size: number = options.perPage || rows.length;
  const pages = Math.max(1, Math.ceil(rows.length / (size || 1)));
  const current = Math.min(page, pages);
  const shown = useMemo(() => rows.slice((current - 1) * size, current * size), [rows, current, size]);
  const config = useMemo(() => build(shown, props), [shown, theme, timeZone, range, options]);
  const data = useMemo<[number[], null[]]>(() => [[range.from.valueOf(), range.to.valueOf()], [null, null]], [range]);
  if (rows.length === 0) {
    return <NoData>{missing(frames as DataFrame[], fieldConfig.defaults.noValue)}</NoData>;
  }
  return (
    <>
      <Chart
        key={panel.type}
        width={width}
        height={pages > 1 ? height - PAGER_HEIGHT : height}
        config={config}
        data={data}
        legend={legendElement(legendOf(rows, theme), options.legend)}
        pick={picker(shown, props)}
        timeZone={timeZone}
      />
      {pages > 1 && (
        <div style={{ display: 'flex', justifyContent: 'flex-end', height: PAGER_HEIGHT }}>
          <Pagination currentPage={current} numberOfPages={pages} showSmallVersion={width < 500} onNavigate={setPage} />
        </div>
      )}
    </>
  );
}
