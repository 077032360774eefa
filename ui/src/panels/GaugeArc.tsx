/** A dial. @grafana/ui 13 publishes no gauge, so it is drawn here: an arc of 250 degrees, a ring of thresholds, the value. */
import {
  type DisplayValue,
  type FieldDisplay,
  formattedValueToString,
  getActiveThreshold,
  type GrafanaTheme2,
  type Threshold,
  ThresholdsMode,
} from '@grafana/data';
import { calculateFontSize } from '@grafana/ui';
import type { MouseEventHandler } from 'react';

import type { Options } from '../contract';

const START = -125;
const END = 125;
const CIRCLE_START = 0;
const CIRCLE_END = 359.99;

interface Props {
  figure: FieldDisplay;
  width: number;
  height: number;
  theme: GrafanaTheme2;
  options: Options;
  named: boolean;
  className?: string;
  onClick?: MouseEventHandler<HTMLElement>;
}

interface Center {
  x: number;
  y: number;
}

function polar({ x, y }: Center, radius: number, degrees: number): [number, number] {
  const angle = (degrees * Math.PI) / 180;
  return [x + radius * Math.sin(angle), y - radius * Math.cos(angle)];
}

function arc(center: Center, radius: number, from: number, to: number): string {
  const [x0, y0] = polar(center, radius, from);
  const [x1, y1] = polar(center, radius, to);
  return `M${x0} ${y0}A${radius} ${radius} 0 ${to - from > 180 ? 1 : 0} 1 ${x1} ${y1}`;
}

/** Steps with the value at which each begins, within the dial's ends. */
function steps(field: FieldDisplay['field'], min: number, max: number): Array<{ value: number; color: string }> {
  const { steps = [], mode } = field.thresholds ?? {};
  const at = (step: Threshold) => (mode === ThresholdsMode.Percentage ? min + (step.value / 100) * (max - min) : step.value);
  const out = [...steps].map((s) => ({ value: Math.max(min, at(s)), color: s.color })).filter((s) => s.value < max);
  const below = getActiveThreshold(min, steps as Threshold[]);
  const inside = out.filter((s) => s.value > min);
  return [{ value: min, color: below?.color ?? 'green' }, ...inside];
}

function valueFont(display: DisplayValue, width: number, height: number, given: number | undefined): number {
  return given ?? Math.min(calculateFontSize(formattedValueToString(display), width, height, 1), height);
}

export function GaugeArc({ figure, width, height, theme, options, named, className, onClick }: Props) {
  const { display, field } = figure;
  const min = field.min ?? 0;
  const max = field.max ?? 100;
  const circle = options.shape === 'circle';
  const [start, end] = circle ? [CIRCLE_START, CIRCLE_END] : [START, END];
  const titled = named || options.textMode === 'value_and_name' || options.textMode === 'name';
  const titleSize = options.text?.titleSize ?? Math.min(18, Math.max(10, height / 10));
  const dialHeight = height - (titled ? titleSize * 1.4 : 0);
  const heightInRadii = circle ? 2 : 1.58;
  const radius = Math.max(4, Math.min(width / 2, dialHeight / heightInRadii) - (options.showThresholdLabels ? 26 : 4));
  const center = { x: width / 2, y: radius + 2 + Math.max(0, (dialHeight - radius * heightInRadii) / 2) };
  const markers = options.showThresholdMarkers && field.thresholds;
  const bar = radius * 0.19 * (0.5 + options.barWidthFactor);
  const ring = markers ? Math.max(2, bar / 6) : 0;
  const inner = radius - bar / 2 - (ring ? ring + 3 : 0);
  // without ends of its own and with one value, the dial begins and ends there: it is full
  const share = (value: number) => (max > min ? (Math.min(max, Math.max(min, value)) - min) / (max - min) : 1);
  const angle = (value: number) => start + share(value) * (end - start);
  const known = Number.isFinite(display.numeric);
  const inside = steps(field, min, max);
  const color = (name: string) => theme.visualization.getColorByName(name);
  const label = (value: number) => {
    const process = figure.view?.getFieldDisplayProcessor(figure.colIndex ?? 0);
    return process ? formattedValueToString(process(value)) : String(value);
  };
  return (
    <div className={className} onClick={onClick} style={{ width, height, position: 'relative' }} data-testid="gauge" role="img" aria-label={`${display.title ?? ''} ${formattedValueToString(display)}`.trim()}>
      <svg width={width} height={height} style={{ display: 'block' }}>
        <path d={arc(center, inner, start, end)} fill="none" stroke={theme.isDark ? theme.colors.background.secondary : theme.colors.background.canvas} strokeWidth={bar} data-testid="gauge-track" />
        {known && angle(display.numeric) > start && (
          <path d={arc(center, inner, start, angle(display.numeric))} fill="none" stroke={display.color ?? theme.colors.text.primary} strokeWidth={bar} data-testid="gauge-bar" />
        )}
        {markers &&
          inside.map((step, i) => (
            <path key={i} d={arc(center, radius - ring / 2, angle(step.value), angle(inside[i + 1]?.value ?? max))} fill="none" stroke={color(step.color)} strokeWidth={ring} data-testid="gauge-threshold" />
          ))}
        {options.showThresholdLabels &&
          [...inside.map((s) => s.value), max].map((value, i) => {
            const [x, y] = polar(center, radius + 9, angle(value));
            return (
              <text key={i} x={x} y={y} fontSize={10} fill={theme.colors.text.secondary} textAnchor={x < center.x - 4 ? 'end' : x > center.x + 4 ? 'start' : 'middle'}>
                {label(value)}
              </text>
            );
          })}
        {options.textMode !== 'none' && options.textMode !== 'name' && (
          <text
            x={center.x}
            y={center.y}
            fill={known ? (display.color ?? theme.colors.text.primary) : theme.colors.text.primary}
            fontSize={valueFont(display, inner * 1.35, inner * 0.55, options.text?.valueSize)}
            fontWeight={500}
            textAnchor="middle"
            dominantBaseline="central"
            data-testid="gauge-value"
          >
            {formattedValueToString(display)}
          </text>
        )}
        {titled && display.title && (
          <text x={center.x} y={height - titleSize * 0.35} fill={theme.colors.text.primary} fontSize={titleSize} textAnchor="middle" data-testid="gauge-title">
            {display.title}
          </text>
        )}
      </svg>
    </div>
  );
}
