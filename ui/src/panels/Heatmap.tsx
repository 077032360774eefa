/** Counts over time and size as colours: of buckets that the query gives, or counted here from raw values. */
import { type DataFrame, dateTimeFormat, FieldType, formattedValueToString, getFieldDisplayName, getValueFormat, type GrafanaTheme2 } from '@grafana/data';
import { colorManipulator } from '@grafana/data';
import { AxisPlacement, ScaleDirection, ScaleOrientation, TooltipDisplayMode } from '@grafana/schema';
import { UPlotConfigBuilder, VizLayout, VizTooltipColorIndicator, VizTooltipColorPlacement } from '@grafana/ui';
import * as schemes from 'd3-scale-chromatic';
import { useMemo } from 'react';
import type uPlot from 'uplot';

import type { Options } from '../contract';
import { addMark, addNamesAxis, addTimeAxis, Chart, drawWith, type Pick } from './Chart';
import { NoData } from './NoData';
import { smallestStep } from './StateTimeline';
import { missing } from './Timeseries';
import type { PanelProps } from './types';

/** Schemes that begin with light, of which Grafana turns those around that would shine on a dark ground, and so on. */
const ALWAYS_TURNED = new Set(['BrBG', 'PiYG', 'PRGn', 'PuOr', 'RdBu', 'RdGy', 'RdYlBu', 'RdYlGn', 'Spectral', 'Rainbow', 'Sinebow']);
const TURNED_ON_LIGHT = new Set(['Turbo', 'Cividis', 'Viridis', 'Magma', 'Inferno', 'Plasma', 'Warm', 'Cool', 'Cubehelix']);

export function paletteOf(color: Options, theme: GrafanaTheme2): string[] {
  const steps = Math.max(2, color.steps ?? 64);
  const shares = Array.from({ length: steps }, (_, i) => i / (steps - 1));
  if (color.mode === 'opacity') {
    const fill = theme.visualization.getColorByName(color.fill);
    const power = color.scale === 'linear' ? 1 : (color.exponent ?? 0.5);
    return shares.map((share) => colorManipulator.alpha(fill, share ** power));
  }
  const all = schemes as unknown as Record<string, ((share: number) => string) | undefined>;
  const name = all[`interpolate${color.scheme}`] || color.scheme === 'Cubehelix' ? color.scheme : 'Spectral';
  const interpolate = all[`interpolate${name === 'Cubehelix' ? 'CubehelixDefault' : name}`] as (share: number) => string;
  const found = shares.map((share) => interpolate(share));
  const turned = ALWAYS_TURNED.has(name) || (TURNED_ON_LIGHT.has(name) ? theme.isLight : theme.isDark);
  return color.reverse || turned ? found.reverse() : found;
}

export interface Cells {
  /** Begin of each column. */
  times: number[];
  /** Width of a column in milliseconds. */
  step: number;
  /** Of each row from below: its name, or the value at which it begins. */
  names: string[];
  /** Where, within its row, a name stands: 0 at its lower edge. */
  at: number;
  /** By row, then column. */
  counts: Array<Array<number | null>>;
  /** Ends of a numeric axis, for values that were counted here. */
  scale?: { min: number; step: number };
}

const NICE_TIMES = [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 604_800].map((s) => s * 1000);

export function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const share = rough / power;
  return (share <= 1 ? 1 : share <= 2 ? 2 : share <= 5 ? 5 : 10) * power;
}

const DURATION: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function sizeOf(bucket: Options | undefined, extent: number, fallback: number, nice: (rough: number) => number): number {
  const value = String(bucket?.value ?? '');
  if (bucket?.mode === 'count' && Number(value) > 0) {
    return nice(extent / Number(value));
  }
  const duration = /^([\d.]+)(ms|s|m|h|d)$/.exec(value);
  const given = duration ? Number(duration[1]) * DURATION[duration[2]] : Number(value);
  return given > 0 ? given : nice(extent / fallback);
}

/** Raw values counted into buckets of even width. */
function calculated(frames: DataFrame[], { options, range }: PanelProps): Cells | undefined {
  const points: Array<[number, number]> = [];
  for (const frame of frames) {
    const time = frame.fields.find((f) => f.type === FieldType.time);
    for (const field of time ? frame.fields.filter((f) => f.type === FieldType.number) : []) {
      field.values.forEach((v: number | null, i) => Number.isFinite(v) && points.push([time?.values[i], v as number]));
    }
  }
  if (points.length === 0) {
    return undefined;
  }
  const { xBuckets, yBuckets } = options.calculation ?? {};
  const low = points.reduce((m, [, v]) => Math.min(m, v), Infinity);
  const high = points.reduce((m, [, v]) => Math.max(m, v), -Infinity);
  const from = range.from.valueOf();
  const niceTime = (rough: number) => NICE_TIMES.find((t) => t >= rough) ?? Math.ceil(rough / 604_800_000) * 604_800_000;
  const xStep = sizeOf(xBuckets, range.to.valueOf() - from, 30, niceTime);
  const yStep = sizeOf(yBuckets, high - low || Math.abs(high) || 1, 10, niceStep);
  const xBase = Math.floor(from / xStep) * xStep;
  const yBase = Math.floor(low / yStep) * yStep;
  const rows = Math.floor((high - yBase) / yStep) + 1;
  const columns = Math.ceil((range.to.valueOf() - xBase) / xStep) || 1;
  const counts = Array.from({ length: rows }, (): Array<number | null> => Array(columns).fill(null));
  for (const [time, value] of points) {
    const column = Math.floor((time - xBase) / xStep);
    const row = Math.floor((value - yBase) / yStep);
    if (column >= 0 && column < columns) {
      counts[row][column] = (counts[row][column] ?? 0) + 1;
    }
  }
  return {
    times: Array.from({ length: columns }, (_, i) => xBase + i * xStep),
    step: xStep,
    names: counts.map((_, i) => String(yBase + i * yStep)),
    at: 0,
    counts,
    scale: { min: yBase, step: yStep },
  };
}

const isNumeric = (name: string) => name.trim() !== '' && (!Number.isNaN(Number(name)) || /^\+?inf$/i.test(name));
const numeric = (name: string) => (/inf/i.test(name) ? Infinity : Number(name));

/** Each series is a bucket; names that are numbers are upper ends, in their order. */
function given(frames: DataFrame[], { options }: PanelProps): Cells | undefined {
  const times = [...new Set(frames.flatMap((f) => f.fields.find((x) => x.type === FieldType.time)?.values ?? []))].sort((a, b) => a - b) as number[];
  const column = new Map(times.map((t, i) => [t, i]));
  let rows = frames.flatMap((frame) => {
    const time = frame.fields.find((f) => f.type === FieldType.time);
    return frame.fields
      .filter((f) => time && f.type === FieldType.number)
      .map((field) => {
        const counts: Array<number | null> = Array(times.length).fill(null);
        field.values.forEach((v, i) => (counts[column.get(time?.values[i]) as number] = v));
        const own = field.labels?.le ?? field.labels?.ge;
        return { name: own ?? getFieldDisplayName(field, frame, frames), counts };
      });
  });
  if (rows.length === 0 || times.length === 0) {
    return undefined;
  }
  const numbers = rows.every((r) => isNumeric(r.name));
  if (numbers) {
    rows = rows.sort((a, b) => numeric(a.name) - numeric(b.name));
  }
  const layout = options.rowsFrame?.layout ?? 'auto';
  const at = layout === 'le' || (layout === 'auto' && numbers) ? 1 : layout === 'ge' ? 0 : 0.5;
  const least = smallestStep(times);
  return { times, step: Number.isFinite(least) ? least : 60_000, names: rows.map((r) => r.name), at, counts: rows.map((r) => r.counts) };
}

interface Shade {
  min: number;
  max: number;
  of: (count: number) => string | undefined;
}

function shadeOf({ counts }: Cells, { options, theme }: PanelProps): Shade {
  const palette = paletteOf(options.color, theme);
  const { le, ge } = options.filterValues ?? {};
  const shown = (v: number | null): v is number => v !== null && v !== undefined && Number.isFinite(v) && !(le != null && v <= le) && !(ge != null && v >= ge);
  let min = Infinity;
  let max = -Infinity;
  counts.forEach((row) => row.filter(shown).forEach((v) => ((min = Math.min(min, v)), (max = Math.max(max, v)))));
  min = options.color.min ?? min;
  max = options.color.max ?? max;
  return {
    min,
    max,
    of: (v) => {
      if (!shown(v)) {
        return undefined;
      }
      const share = max > min ? (v - min) / (max - min) : 1;
      return palette[Math.max(0, Math.min(palette.length - 1, Math.floor(share * palette.length)))];
    },
  };
}

function build(cells: Cells, shade: Shade, props: PanelProps): UPlotConfigBuilder {
  const { theme, timeZone, range, options, frames } = props;
  const builder = new UPlotConfigBuilder(timeZone);
  addTimeAxis(builder, theme, timeZone, range);
  const direction = options.yAxis?.reverse ? ScaleDirection.Down : ScaleDirection.Up;
  const source = frames.flatMap((f) => f.fields).find((f) => f.type === FieldType.number);
  const unit: string | undefined = options.yAxis?.unit ?? source?.config.unit;
  const write = (v: number) => formattedValueToString(getValueFormat(unit ?? 'short')(v, options.yAxis?.decimals));
  if (cells.scale) {
    const { min, step } = cells.scale;
    builder.addScale({ scaleKey: 'y', orientation: ScaleOrientation.Vertical, direction, range: () => [options.yAxis?.min ?? min, options.yAxis?.max ?? min + cells.counts.length * step] });
    builder.addAxis({ scaleKey: 'y', theme, placement: options.yAxis?.axisPlacement ?? AxisPlacement.Left, label: options.yAxis?.axisLabel, size: options.yAxis?.axisWidth, grid: { show: false }, formatValue: write });
  } else {
    const names = cells.names.map((name) => (isNumeric(name) && unit ? (numeric(name) === Infinity ? '+Inf' : write(Number(name))) : name));
    addNamesAxis(builder, theme, names, { direction, at: cells.at, placement: options.yAxis?.axisPlacement, size: options.yAxis?.axisWidth });
  }
  addMark(builder, theme, 'y');
  const gap = options.cellGap ?? 1;
  const [base, step] = cells.scale ? [cells.scale.min, cells.scale.step] : [0, 1];
  drawWith(builder, (u, ctx, ratio) => {
    cells.counts.forEach((row, i) => {
      const edges = [u.valToPos(base + i * step, 'y', true), u.valToPos(base + (i + 1) * step, 'y', true)].sort((a, b) => a - b);
      row.forEach((count, k) => {
        const color = count === null ? undefined : shade.of(count);
        if (!color) {
          return;
        }
        const left = u.valToPos(cells.times[k], 'x', true);
        const right = u.valToPos(cells.times[k] + cells.step, 'x', true);
        const space = Math.min(gap * ratio, (right - left) / 2, (edges[1] - edges[0]) / 2);
        ctx.fillStyle = color;
        ctx.fillRect(left, edges[0], Math.max(1, right - left - space), Math.max(1, edges[1] - edges[0] - space));
      });
    });
  });
  return builder;
}

function ColorScale({ shade, palette, write }: { shade: Shade; palette: string[]; write: (v: number) => string }) {
  return (
    <div style={{ width: 300, maxWidth: '100%', padding: '4px 0' }} data-testid="color-scale">
      <div style={{ height: 8, background: `linear-gradient(to right, ${palette.join(', ')})` }} />
      <div style={{ display: 'flex', justifyContent: 'space-between', fontSize: 12 }}>
        <span>{write(shade.min)}</span>
        <span>{write(shade.max)}</span>
      </div>
    </div>
  );
}

export function Heatmap(props: PanelProps) {
  const { frames, options, width, height, theme, timeZone, range, fieldConfig } = props;
  const cells = useMemo(() => (options.calculate ? calculated(frames, props) : given(frames, props)), [frames, options, range]);
  const shade = useMemo(() => cells && shadeOf(cells, props), [cells, options, theme]);
  const config = useMemo(() => cells && shade && build(cells, shade, props), [cells, shade, theme, range, timeZone]);
  const data = useMemo(() => [[range.from.valueOf(), range.to.valueOf()], [null, null]] as uPlot.AlignedData, [range]);
  if (!cells || !shade || !config || shade.max === -Infinity) {
    return <NoData>{cells ? 'No data' : missing(frames, fieldConfig.defaults.noValue)}</NoData>;
  }
  const write = (v: number) => formattedValueToString(getValueFormat(options.cellValues?.unit ?? 'short')(v, options.cellValues?.decimals));
  const pick: Pick | undefined =
    options.tooltip?.mode === TooltipDisplayMode.None || options.tooltip?.show === false
      ? undefined
      : (u, left, top) => {
          const column = cells.times.findIndex((t) => t <= u.posToVal(left, 'x') && u.posToVal(left, 'x') < t + cells.step);
          const value = u.posToVal(top, 'y');
          const row = Math.floor(cells.scale ? (value - cells.scale.min) / cells.scale.step : value);
          const count = cells.counts[row]?.[column];
          if (count === null || count === undefined) {
            return undefined;
          }
          return {
            header: `${dateTimeFormat(cells.times[column], { timeZone })} - ${dateTimeFormat(cells.times[column] + cells.step, { timeZone })}`,
            items: [{ label: cells.names[row], value: write(count), color: shade.of(count), colorIndicator: VizTooltipColorIndicator.value, colorPlacement: VizTooltipColorPlacement.trailing }],
          };
        };
  const legend = options.legend?.show ? (
    <VizLayout.Legend placement="bottom">
      <ColorScale shade={shade} palette={paletteOf(options.color, theme)} write={write} />
    </VizLayout.Legend>
  ) : null;
  return <Chart width={width} height={height} config={config} data={data} legend={legend} pick={pick} timeZone={timeZone} />;
}
