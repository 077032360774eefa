/** Open, high, low and close of prices over time, with their volume. */
import { colorManipulator, type DataFrame, dateTimeFormat, type Field, FieldType, formattedValueToString, type GrafanaTheme2 } from '@grafana/data';
import { AxisPlacement, ScaleDirection, ScaleOrientation, TooltipDisplayMode } from '@grafana/schema';
import { UPlotConfigBuilder } from '@grafana/ui';
import { useMemo } from 'react';
import type uPlot from 'uplot';

import type { Options } from '../contract';
import { addMark, addTimeAxis, Chart, drawWith, type Pick } from './Chart';
import { NoData } from './NoData';
import { smallestStep } from './StateTimeline';
import { Timeseries } from './Timeseries';
import type { PanelProps } from './types';

interface Prices {
  time: number[];
  open: Field;
  high: Field;
  low: Field;
  close: Field;
  volume?: Field;
}

const NAMES = { open: /^o(pen)?$/i, high: /^h(igh)?$/i, low: /^l(ow)?$/i, close: /^c(lose)?$/i, volume: /^v(ol(ume)?)?$/i };

/** Fields by the names that the panel gives, or by their usual ones. */
export function pricesOf(frames: DataFrame[], names: Partial<Record<keyof typeof NAMES, string>>): Prices | undefined {
  for (const frame of frames) {
    const time = frame.fields.find((f) => f.type === FieldType.time);
    const numbers = frame.fields.filter((f) => f.type === FieldType.number);
    const find = (key: keyof typeof NAMES) => numbers.find((f) => (names[key] ? f.name === names[key] || f.state?.displayName === names[key] : NAMES[key].test(f.name)));
    const [open, high, low, close] = [find('open'), find('high'), find('low'), find('close')];
    if (time && frame.length && open && close) {
      return { time: time.values, open, close, high: high ?? close, low: low ?? open, volume: find('volume') };
    }
  }
  return undefined;
}

const VOLUME_SHARE = 0.25;

function build(prices: Prices, { theme, timeZone, range, options }: PanelProps): UPlotConfigBuilder {
  const { time, open, high, low, close, volume } = prices;
  const builder = new UPlotConfigBuilder(timeZone);
  const mode: string = options.mode;
  addTimeAxis(builder, theme, timeZone, range, true);
  builder.addScale({ scaleKey: 'y', orientation: ScaleOrientation.Vertical, direction: ScaleDirection.Up, min: low.config.min, max: high.config.max });
  builder.addAxis({ scaleKey: 'y', placement: AxisPlacement.Left, theme, grid: { show: true }, formatValue: (v, d) => (close.display ? formattedValueToString(close.display(v, d)) : String(v)) });
  addMark(builder, theme, 'y');
  addMark(builder, theme, 'y');
  const step = smallestStep(time);
  const colors = options.colors as Options;
  drawWith(builder, (u, ctx, ratio) => {
    const width = Math.max(1, (u.valToPos(time[0] + (Number.isFinite(step) ? step : 60_000), 'x', true) - u.valToPos(time[0], 'x', true)) * 0.7);
    const most = volume?.values.reduce((m: number, v: number | null) => Math.max(m, v ?? 0), 0) ?? 0;
    time.forEach((at, i) => {
      const [o, h, l, c] = [open, high, low, close].map((f) => f.values[i] as number | null);
      if (o === null || c === null || h === null || l === null) {
        return;
      }
      const color = candleColor(options.colorStrategy === 'close-close' && i > 0 ? (close.values[i - 1] ?? o) : o, c, colors, theme);
      const x = u.valToPos(at, 'x', true);
      if (volume && most > 0 && mode !== 'candles') {
        const size = ((volume.values[i] ?? 0) / most) * u.bbox.height * (mode === 'volume' ? 0.95 : VOLUME_SHARE);
        ctx.fillStyle = colorManipulator.alpha(color, mode === 'volume' ? 0.8 : 0.4);
        ctx.fillRect(x - width / 2, u.bbox.top + u.bbox.height - size, width, size);
      }
      if (mode === 'volume') {
        return;
      }
      const y = (v: number) => u.valToPos(v, 'y', true);
      ctx.strokeStyle = ctx.fillStyle = color;
      ctx.lineWidth = ratio;
      ctx.beginPath();
      ctx.moveTo(x, y(h));
      ctx.lineTo(x, y(l));
      ctx.stroke();
      if (options.candleStyle === 'ohlcbars') {
        ctx.fillRect(x - width / 2, y(o) - ratio / 2, width / 2, ratio);
        ctx.fillRect(x, y(c) - ratio / 2, width / 2, ratio);
      } else {
        ctx.fillRect(x - width / 2, Math.min(y(o), y(c)), width, Math.max(ratio, Math.abs(y(o) - y(c))));
      }
    });
  });
  return builder;
}

function candleColor(before: number, now: number, colors: Options, theme: GrafanaTheme2): string {
  return theme.visualization.getColorByName(now > before ? colors.up : now < before ? colors.down : colors.flat);
}

export function Candlestick(props: PanelProps) {
  const { frames, options, width, height, theme, timeZone, range } = props;
  const prices = useMemo(() => pricesOf(frames, options.fields ?? {}), [frames, options.fields]);
  const config = useMemo(() => prices && build(prices, props), [prices, theme, timeZone, range, options]);
  if (!prices || !config) {
    // without prices it draws what there is as Grafana does: as lines
    return frames.some((f) => f.length) ? <Timeseries {...props} /> : <NoData />;
  }
  const data = [prices.time, prices.low.values, prices.high.values] as uPlot.AlignedData;
  const pick: Pick | undefined =
    options.tooltip.mode === TooltipDisplayMode.None
      ? undefined
      : (u, left) => {
          const row = u.posToIdx(left);
          const item = (label: string, field: Field) => ({ label, value: field.display ? formattedValueToString(field.display(field.values[row])) : String(field.values[row]) });
          const fields = { Open: prices.open, High: prices.high, Low: prices.low, Close: prices.close, ...(prices.volume ? { Volume: prices.volume } : {}) };
          return { header: dateTimeFormat(prices.time[row], { timeZone }), items: Object.entries(fields).map(([label, field]) => item(label, field)) };
        };
  return <Chart width={width} height={height} config={config} data={data} pick={pick} timeZone={timeZone} />;
}
