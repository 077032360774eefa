/** Bars by category, beside or on top of each other, upright or lying. */
import {
  colorManipulator,
  type DataFrame,
  type Field,
  FieldType,
  formattedValueToString,
  getDisplayProcessor,
  getFieldColorModeForField,
  getFieldDisplayName,
  getFieldSeriesColor,
  type GrafanaTheme2,
} from '@grafana/data';
import { AxisPlacement, ScaleDirection, ScaleOrientation, StackingMode, TooltipDisplayMode, VisibilityMode, VizOrientation } from '@grafana/schema';
import { buildScaleKey, getFieldDisplayItems, getFieldDisplayLinks, measureText, PlotLegend, UPlotConfigBuilder } from '@grafana/ui';
import { useMemo } from 'react';
import type uPlot from 'uplot';

import { addMark, Chart, drawWith, type Pick } from './Chart';
import { NoData } from './NoData';
import { paletteByDrawn } from './palette';
import type { PanelProps } from './types';

export interface Bars {
  frame: DataFrame;
  x: Field;
  series: Field[];
  colorBy?: Field;
}

/** The field whose values are the categories, and those whose values are bars. */
export function barsOf(frames: DataFrame[], xField: string | undefined, colorByField: string | undefined): Bars | string {
  const frame = frames.find((f) => f.length > 0);
  if (!frame) {
    return 'No data';
  }
  const named = (name: string | undefined) => frame.fields.find((f) => name && (getFieldDisplayName(f, frame, frames) === name || f.name === name));
  if (xField && !named(xField)) {
    return `There is no field ${xField}`;
  }
  const x = named(xField) ?? frame.fields.find((f) => f.type === FieldType.string) ?? frame.fields.find((f) => f.type === FieldType.time);
  if (!x) {
    return 'Bar charts require a string or time field';
  }
  const colorBy = named(colorByField);
  const series = frame.fields.filter((f) => f !== x && f !== colorBy && f.type === FieldType.number && !f.config.custom?.hideFrom?.viz);
  return series.length ? { frame, x, series, colorBy } : 'Data is missing a number field';
}

interface Box {
  series: Field;
  row: number;
  value: number;
  /** Along the categories, in their units. */
  from: number;
  to: number;
  /** Along the values. */
  low: number;
  high: number;
  scaleKey: string;
}

interface Layout {
  boxes: Box[];
  scales: Map<string, { fields: Field[]; values: number[] }>;
}

function layout({ series, x }: Bars, options: PanelProps['options']): Layout {
  const stacked = options.stacking === StackingMode.Normal || options.stacking === StackingMode.Percent;
  const percent = options.stacking === StackingMode.Percent;
  const scales: Layout['scales'] = new Map();
  const boxes: Box[] = [];
  const group = stacked || series.length === 1 ? 1 : options.groupWidth;
  const columns = stacked ? 1 : series.length;
  const slot = group / columns;
  const width = slot * options.barWidth * (stacked || series.length === 1 ? options.groupWidth : 1);
  for (let row = 0; row < x.values.length; row++) {
    const total = series.reduce((sum, f) => sum + Math.abs(f.values[row] ?? 0), 0) || 1;
    const sums = { up: 0, down: 0 };
    series.forEach((field, n) => {
      const scaleKey = stacked ? 'y' : buildScaleKey(field.config, field.type);
      const scale = scales.get(scaleKey) ?? { fields: [], values: [0] };
      scales.set(scaleKey, scale);
      if (!scale.fields.includes(field)) {
        scale.fields.push(field);
      }
      const value: number | null = field.values[row];
      if (value === null || value === undefined || !Number.isFinite(value)) {
        return;
      }
      const size = percent ? value / total : value;
      const side = value < 0 ? 'down' : 'up';
      const low = stacked ? sums[side] : 0;
      const high = low + size;
      sums[side] = stacked ? high : 0;
      const center = row - group / 2 + slot * ((stacked ? 0 : n) + 0.5);
      boxes.push({ series: field, row, value, from: center - width / 2, to: center + width / 2, low, high, scaleKey });
      scale.values.push(high);
    });
  }
  return { boxes, scales };
}

function labels(x: Field, options: PanelProps['options']): string[] {
  const most: number | undefined = options.xTickLabelMaxLength;
  return x.values.map((value: unknown) => {
    const text = x.display ? formattedValueToString(x.display(value)) : String(value ?? '');
    return most && text.length > most ? `${text.slice(0, most)}...` : text;
  });
}

/** Room below the bars for labels that stand at an angle. */
function rotatedSize(names: string[], rotation: number, height: number): number {
  const longest = Math.max(...names.map((n) => measureText(n, 12).width));
  return Math.min(height / 2, Math.abs(Math.sin((rotation * Math.PI) / 180)) * longest + 24);
}

function fill(box: Box, colorBy: Field | undefined, theme: GrafanaTheme2): string {
  if (colorBy) {
    return colorBy.display?.(colorBy.values[box.row]).color ?? theme.visualization.getColorByName('gray');
  }
  const mode = getFieldColorModeForField(box.series);
  const color = mode.isByValue ? box.series.display?.(box.value).color : undefined;
  return color ?? getFieldSeriesColor(box.series, theme).color;
}

function valueAxis(field: Field, options: PanelProps['options'], theme: GrafanaTheme2) {
  const percent = options.stacking === StackingMode.Percent;
  return percent ? getDisplayProcessor({ field: { ...field, config: { ...field.config, unit: 'percentunit' } }, theme }) : field.display;
}

function build(bars: Bars, { boxes, scales }: Layout, lying: boolean, props: PanelProps): UPlotConfigBuilder {
  const { options, theme, timeZone, height } = props;
  const builder = new UPlotConfigBuilder(timeZone);
  const count = bars.x.values.length;
  const names = labels(bars.x, options);
  builder.addScale({
    scaleKey: 'x',
    orientation: lying ? ScaleOrientation.Vertical : ScaleOrientation.Horizontal,
    direction: lying ? ScaleDirection.Down : ScaleDirection.Right,
    range: () => [-0.5, count - 0.5],
  });
  const rotation: number = lying ? 0 : options.xTickLabelRotation;
  const spacing = (u: uPlot): number => {
    // labels that would overlap are left out
    const length = (lying ? u.bbox.height : u.bbox.width) / devicePixelRatio / count;
    const needed = lying || rotation ? 16 : Math.max(...names.map((n) => measureText(n, 12).width)) + 8;
    return Math.max(1, Math.ceil(needed / (length || 1)));
  };
  const shown = (u: uPlot) => names.map((_, i) => i).filter((i) => i % spacing(u) === 0);
  builder.addAxis({
    scaleKey: 'x',
    placement: bars.x.config.custom?.axisPlacement === AxisPlacement.Hidden ? AxisPlacement.Hidden : lying ? AxisPlacement.Left : AxisPlacement.Bottom,
    theme,
    label: bars.x.config.custom?.axisLabel,
    tickLabelRotation: -rotation,
    size: rotation ? rotatedSize(names, rotation, height) : undefined,
    grid: { show: false },
    ticks: { show: false },
    splits: (u) => shown(u),
    values: (u) => shown(u).map((i) => names[i]),
  });
  for (const [scaleKey, { fields, values }] of scales) {
    const { config } = fields[0];
    const custom = config.custom ?? {};
    const percent = options.stacking === StackingMode.Percent;
    const negative = values.some((v) => v < 0);
    const positive = values.some((v) => v > 0);
    builder.addScale({
      scaleKey,
      orientation: lying ? ScaleOrientation.Horizontal : ScaleOrientation.Vertical,
      direction: lying ? ScaleDirection.Right : ScaleDirection.Up,
      distribution: custom.scaleDistribution?.type,
      log: custom.scaleDistribution?.log,
      min: percent ? undefined : config.min,
      max: percent ? undefined : config.max,
      softMin: custom.axisSoftMin ?? (negative ? undefined : 0),
      softMax: custom.axisSoftMax ?? (positive ? undefined : 0),
      range: percent ? () => [negative ? -1 : 0, positive ? 1 : 0] : undefined,
    });
    const display = valueAxis(fields[0], options, theme);
    const asked = custom.axisPlacement ?? AxisPlacement.Auto;
    builder.addAxis({
      scaleKey,
      theme,
      label: custom.axisLabel,
      size: custom.axisWidth,
      placement: lying && asked !== AxisPlacement.Hidden ? AxisPlacement.Bottom : asked,
      grid: { show: custom.axisGridShow ?? true },
      formatValue: (v, decimals) => (display ? formattedValueToString(display(v, decimals)) : String(v)),
    });
  }
  bars.series.forEach((field) => {
    const scaleKey = [...scales].find(([, s]) => s.fields.includes(field))?.[0] ?? 'y';
    addMark(builder, theme, scaleKey, { lineColor: getFieldSeriesColor(field, theme).color, dataFrameFieldIndex: { frameIndex: 0, fieldIndex: bars.frame.fields.indexOf(field) } });
  });
  drawWith(builder, (u, ctx, ratio) => boxes.forEach((box) => paint(u, ctx, ratio, box, lying, bars, props)));
  if (options.showValue !== VisibilityMode.Never) {
    const size: number = options.text?.valueSize ?? 12;
    const beside = options.stacking === StackingMode.None;
    const room = !beside ? 0 : lying ? Math.max(0, ...boxes.map((box) => measureText(valueOf(box), size).width)) + 8 : size + 4;
    if (room) {
      builder.setPadding((lying ? [null, room, null, null] : [room, null, null, null]) as never);
    }
    drawWith(
      builder,
      (u, ctx, ratio) => {
        ctx.font = `${size * ratio}px ${theme.typography.fontFamily}`;
        boxes.forEach((box) => label(u, ctx, ratio, box, lying, props));
      },
      room
    );
  }
  return builder;
}

function valueOf({ series, value }: Box): string {
  return series.display ? formattedValueToString(series.display(value)) : String(value);
}

/** Where a bar is, in device pixels. */
function place(u: uPlot, box: Box, lying: boolean) {
  const along = [u.valToPos(box.from, 'x', true), u.valToPos(box.to, 'x', true)].sort((a, b) => a - b);
  const across = [u.valToPos(box.low, box.scaleKey, true), u.valToPos(box.high, box.scaleKey, true)].sort((a, b) => a - b);
  const [left, right] = lying ? across : along;
  const [top, bottom] = lying ? along : across;
  return { left, right, top, bottom };
}

function paint(u: uPlot, ctx: CanvasRenderingContext2D, ratio: number, box: Box, lying: boolean, bars: Bars, { options, theme }: PanelProps) {
  const { left, right, top, bottom } = place(u, box, lying);
  const custom = box.series.config.custom ?? {};
  const color = fill(box, bars.colorBy, theme);
  ctx.beginPath();
  ctx.roundRect(left, top, Math.max(1, right - left), Math.max(1, bottom - top), (options.barRadius ?? 0) * Math.min(right - left, bottom - top));
  ctx.fillStyle = colorManipulator.alpha(color, (custom.fillOpacity ?? 80) / 100);
  ctx.fill();
  if (custom.lineWidth > 0) {
    ctx.lineWidth = custom.lineWidth * ratio;
    ctx.strokeStyle = color;
    ctx.stroke();
  }
}

function label(u: uPlot, ctx: CanvasRenderingContext2D, ratio: number, box: Box, lying: boolean, { options, theme }: PanelProps) {
  const { left, right, top, bottom } = place(u, box, lying);
  const text = valueOf(box);
  const { width } = ctx.measureText(text);
  const fits = lying ? bottom - top >= 10 * ratio : width <= (right - left) * 1.2;
  if (options.showValue !== VisibilityMode.Always && !fits) {
    return;
  }
  ctx.fillStyle = theme.colors.text.primary;
  const stacked = options.stacking !== StackingMode.None;
  ctx.textAlign = lying && !stacked ? (box.value < 0 ? 'right' : 'left') : 'center';
  ctx.textBaseline = lying || stacked ? 'middle' : box.value < 0 ? 'top' : 'bottom';
  const x = stacked || !lying ? (left + right) / 2 : box.value < 0 ? left - 4 * ratio : right + 4 * ratio;
  const y = stacked || lying ? (top + bottom) / 2 : box.value < 0 ? bottom + 3 * ratio : top - 3 * ratio;
  ctx.fillText(text, x, y);
}

function picker(bars: Bars, boxes: Box[], lying: boolean, { options }: PanelProps): Pick | undefined {
  const mode: TooltipDisplayMode = options.tooltip.mode;
  if (mode === TooltipDisplayMode.None) {
    return undefined;
  }
  return (u, left, top) => {
    const at = u.posToVal(lying ? top : left, 'x');
    const row = Math.round(at);
    if (row < 0 || row >= bars.x.values.length) {
      return undefined;
    }
    const hit = boxes.find((b) => b.row === row && b.from <= at && at <= b.to);
    const active = bars.frame.fields.indexOf((hit ?? boxes.find((b) => b.row === row))?.series as Field);
    if (mode === TooltipDisplayMode.Single && !hit) {
      return undefined;
    }
    const rows = bars.frame.fields.map(() => row);
    const items = getFieldDisplayItems(bars.frame.fields, bars.x, rows, active, mode, options.tooltip.sort, (f) => f.type === FieldType.number, options.tooltip.hideZeros);
    return { header: bars.x.display ? formattedValueToString(bars.x.display(bars.x.values[row])) : String(bars.x.values[row]), items, links: () => (hit ? getFieldDisplayLinks(hit.series, row) : []) };
  };
}

export function BarChart(props: PanelProps) {
  const { frames, options, width, height, theme, timeZone, fieldConfig } = props;
  const bars = useMemo(() => {
    const [first] = frames.filter((f) => f.length > 0).slice(0, 1);
    const found = barsOf(first ? [first] : [], options.xField, options.colorByField);
    if (typeof found === 'string') {
      return found;
    }
    const [frame] = paletteByDrawn([found.frame], theme, timeZone, found.x);
    const same = (field: Field) => frame.fields[found.frame.fields.indexOf(field)];
    return { ...found, frame, series: found.series.map(same) };
  }, [frames, options, theme, timeZone]);
  const lying = options.orientation === VizOrientation.Horizontal || (options.orientation === VizOrientation.Auto && width < height);
  const made = useMemo(() => {
    if (typeof bars === 'string') {
      return undefined;
    }
    const plan = layout(bars, options);
    const data = [bars.x.values.map((_, i) => i), ...bars.series.map((field) => {
      const own = plan.boxes.filter((b) => b.series === field);
      const byRow = new Map(own.map((b) => [b.row, b.high]));
      return bars.x.values.map((_, i) => byRow.get(i) ?? null);
    })] as uPlot.AlignedData;
    return { plan, data, config: build(bars, plan, lying, props) };
  }, [bars, options, lying, theme]);
  if (typeof bars === 'string' || !made) {
    return <NoData>{bars === 'No data' ? (fieldConfig.defaults.noValue ?? 'No data') : (bars as string)}</NoData>;
  }
  const legend = options.legend.showLegend ? <PlotLegend data={[bars.frame]} config={made.config} {...options.legend} /> : null;
  return <Chart key={String(lying)} width={width} height={height} config={made.config} data={made.data} legend={legend} pick={picker(bars, made.plan.boxes, lying, props)} />;
}
