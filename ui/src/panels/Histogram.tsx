/** How many values there are of each size: counted by @grafana/data. */
import {
  buildHistogram,
  colorManipulator,
  type DataFrame,
  type Field,
  FieldType,
  formattedValueToString,
  getFieldDisplayName,
  getFieldSeriesColor,
  getHistogramFields,
  histogramFieldsToFrame,
} from '@grafana/data';
import { AxisPlacement, ScaleDirection, ScaleOrientation, StackingMode, TooltipDisplayMode } from '@grafana/schema';
import { getFieldDisplayItems, PlotLegend, UPlotConfigBuilder } from '@grafana/ui';
import { useMemo } from 'react';
import type uPlot from 'uplot';

import { addMark, Chart, drawWith, type Pick } from './Chart';
import { NoData } from './NoData';
import type { PanelProps } from './types';

/** The frame of buckets: their lower and upper ends, then counts. */
function counted({ frames, options, theme }: PanelProps): DataFrame | undefined {
  const ready = frames.length === 1 && getHistogramFields(frames[0]);
  const info = ready || buildHistogram(frames, { bucketCount: options.bucketCount, bucketSize: options.bucketSize, bucketOffset: options.bucketOffset, combine: options.combine }, theme);
  if (!info) {
    return undefined;
  }
  info.counts.forEach((field, i) => {
    field.state = { ...field.state, seriesIndex: i, displayName: field.state?.displayName ?? getFieldDisplayName(field) };
  });
  return histogramFieldsToFrame(info, theme);
}

function build(frame: DataFrame, { theme, timeZone, frames }: PanelProps): UPlotConfigBuilder {
  const [low, high, ...counts] = frame.fields;
  const source = frames.flatMap((f) => f.fields).find((f) => f.type === FieldType.number);
  const builder = new UPlotConfigBuilder(timeZone);
  builder.addScale({
    scaleKey: 'x',
    orientation: ScaleOrientation.Horizontal,
    direction: ScaleDirection.Right,
    range: () => [low.values[0], high.values[high.values.length - 1]],
  });
  builder.addAxis({
    scaleKey: 'x',
    placement: AxisPlacement.Bottom,
    theme,
    grid: { show: false },
    formatValue: (v) => (source?.display ? formattedValueToString(source.display(v)) : String(v)),
  });
  builder.addScale({ scaleKey: 'y', orientation: ScaleOrientation.Vertical, direction: ScaleDirection.Up, softMin: 0 });
  builder.addAxis({ scaleKey: 'y', placement: AxisPlacement.Left, theme, decimals: 0, grid: { show: true } });
  counts.forEach((field, i) => addMark(builder, theme, 'y', { lineColor: getFieldSeriesColor(field, theme).color, dataFrameFieldIndex: { frameIndex: 0, fieldIndex: i + 2 } }));
  drawWith(builder, (u, ctx, ratio) => counts.forEach((field, i) => paint(u, ctx, ratio, field, i, low, high, theme)));
  return builder;
}

function paint(u: uPlot, ctx: CanvasRenderingContext2D, ratio: number, field: Field, index: number, low: Field, high: Field, theme: PanelProps['theme']) {
  const custom = field.config.custom ?? {};
  const color = getFieldSeriesColor(field, theme).color;
  const values = u.data[index + 1];
  const below = custom.stacking?.mode === StackingMode.Normal && index > 0 ? u.data[index] : undefined;
  for (let i = 0; i < values.length; i++) {
    const count = values[i];
    if (!count) {
      continue;
    }
    const left = u.valToPos(low.values[i], 'x', true);
    const right = u.valToPos(high.values[i], 'x', true);
    const top = u.valToPos(count, 'y', true);
    const bottom = u.valToPos(below?.[i] ?? 0, 'y', true);
    ctx.fillStyle = colorManipulator.alpha(color, (custom.fillOpacity ?? 80) / 100);
    ctx.fillRect(left, top, right - left, bottom - top);
    if ((custom.lineWidth ?? 1) > 0) {
      ctx.lineWidth = (custom.lineWidth ?? 1) * ratio;
      ctx.strokeStyle = color;
      ctx.strokeRect(left, top, right - left, bottom - top);
    }
  }
}

function aligned(frame: DataFrame): uPlot.AlignedData {
  const [low, , ...counts] = frame.fields;
  const stacked = counts[0]?.config.custom?.stacking?.mode === StackingMode.Normal;
  const sums: number[] = Array(frame.length).fill(0);
  const series = counts.map((field) => (stacked ? field.values.map((v: number, i) => (sums[i] += v ?? 0)) : field.values));
  return [low.values, ...series] as uPlot.AlignedData;
}

function picker(frame: DataFrame, { options, frames }: PanelProps): Pick | undefined {
  const [low, high] = frame.fields;
  const source = frames.flatMap((f) => f.fields).find((f) => f.type === FieldType.number);
  const write = (v: number) => (source?.display ? formattedValueToString(source.display(v)) : String(v));
  if (options.tooltip.mode === TooltipDisplayMode.None) {
    return undefined;
  }
  return (u, left) => {
    const at = u.posToVal(left, 'x');
    const row = low.values.findIndex((from, i) => from <= at && at < high.values[i]);
    if (row < 0) {
      return undefined;
    }
    const items = getFieldDisplayItems(frame.fields.slice(2), low, frame.fields.slice(2).map(() => row), 0, TooltipDisplayMode.Multi, options.tooltip.sort, (f) => f.display !== undefined);
    return { header: `${write(low.values[row])} - ${write(high.values[row])}`, items };
  };
}

export function Histogram(props: PanelProps) {
  const { frames, options, width, height, theme, fieldConfig } = props;
  const frame = useMemo(() => counted(props), [frames, options, theme]);
  const config = useMemo(() => frame && build(frame, props), [frame, theme]);
  const data = useMemo(() => frame && aligned(frame), [frame]);
  if (!frame || !config || !data || frame.length === 0) {
    return <NoData>{frames.some((f) => f.fields.some((x) => x.type === FieldType.number)) ? (fieldConfig.defaults.noValue ?? 'No data') : 'Data is missing a number field'}</NoData>;
  }
  const legend = options.legend.showLegend ? <PlotLegend data={[frame]} config={config} {...options.legend} /> : null;
  return <Chart width={width} height={height} config={config} data={data} legend={legend} pick={picker(frame, props)} />;
}
