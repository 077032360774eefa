/** Shares of a whole. */
import { css } from '@emotion/css';
import { type DisplayValue, type FieldDisplay, formattedValueToString, getFieldDisplayValues, type GrafanaTheme2, type LinkModel } from '@grafana/data';
import { LegendDisplayMode, type LegendPlacement, TooltipDisplayMode } from '@grafana/schema';
import { measureText, Portal, VizLayout, VizLegend, type VizLegendItem, VizTooltipColorIndicator, VizTooltipContainer, VizTooltipContent, VizTooltipWrapper } from '@grafana/ui';
import { type ReactNode, useMemo, useState } from 'react';

import { NoData } from './NoData';
import type { PanelProps } from './types';

export interface Slice {
  name: string;
  text: string;
  percent: string;
  value: number;
  /** Of the whole, from 0 to 1. */
  share: number;
  color: string;
  hidden: boolean;
  links?: () => LinkModel[];
}

export function slicesOf(figures: FieldDisplay[], sort: string, hidden: Set<string>): Slice[] {
  const known = figures.filter((f) => Number.isFinite(f.display.numeric) && !f.field.custom?.hideFrom?.viz);
  const total = known.filter((f) => !hidden.has(f.display.title ?? '')).reduce((sum, f) => sum + Math.abs(f.display.numeric), 0);
  const slices = known.map(({ display, field, hasLinks, getLinks }): Slice => {
    const name = display.title ?? '';
    const share = total && !hidden.has(name) ? Math.abs(display.numeric) / total : 0;
    const digits = field.decimals ?? 0;
    return {
      name,
      text: formattedValueToString(display),
      percent: `${(share * 100).toFixed(digits)}%`,
      value: display.numeric,
      share,
      color: display.color ?? 'gray',
      hidden: hidden.has(name),
      links: hasLinks && getLinks ? () => getLinks() as LinkModel[] : undefined,
    };
  });
  if (sort === 'desc' || sort === 'asc') {
    slices.sort((a, b) => (sort === 'desc' ? b.value - a.value : a.value - b.value));
  }
  return slices;
}

function point(center: number[], radius: number, angle: number): string {
  return `${center[0] + radius * Math.sin(angle)} ${center[1] - radius * Math.cos(angle)}`;
}

function path(center: number[], inner: number, outer: number, from: number, to: number): string {
  const large = to - from > Math.PI ? 1 : 0;
  const arc = `M${point(center, outer, from)}A${outer} ${outer} 0 ${large} 1 ${point(center, outer, to)}`;
  return inner > 0 ? `${arc}L${point(center, inner, to)}A${inner} ${inner} 0 ${large} 0 ${point(center, inner, from)}Z` : `${arc}L${center.join(' ')}Z`;
}

function said(slice: Slice, labels: string[]): string[] {
  const parts: Record<string, string> = { name: slice.name, value: slice.text, percent: slice.percent };
  return ['name', 'value', 'percent'].filter((l) => labels.includes(l)).map((l) => parts[l]);
}

const label = css({ pointerEvents: 'none' });

/** A slice with one link is that link; the first of several is taken. */
function Linked({ links, children }: { links?: () => LinkModel[]; children: ReactNode }) {
  const [link] = links?.() ?? [];
  return link ? (
    <a href={link.href} target={link.target} onClick={link.onClick}>
      {children}
    </a>
  ) : (
    <g>{children}</g>
  );
}

interface PieProps {
  slices: Slice[];
  width: number;
  height: number;
  options: PanelProps['options'];
  theme: GrafanaTheme2;
}

function Pie({ slices, width, height, options, theme }: PieProps) {
  const [hover, setHover] = useState<{ slice: Slice; x: number; y: number }>();
  const center = [width / 2, height / 2];
  const outer = Math.max(1, Math.min(width, height) / 2 - 8);
  const inner = options.pieType === 'donut' ? outer * 0.6 : 0;
  const shown = slices.filter((s) => s.share > 0);
  let angle = 0;
  const mode: TooltipDisplayMode = options.tooltip.mode;
  const tips = mode === TooltipDisplayMode.Multi ? slices.filter((s) => !s.hidden) : hover ? [hover.slice] : [];
  return (
    <>
      <svg width={width} height={height} style={{ display: 'block' }} role="img" onMouseLeave={() => setHover(undefined)}>
        {shown.map((slice) => {
          const from = angle;
          // a whole circle as one arc is nothing
          const to = (angle += Math.min(slice.share, 0.99999) * 2 * Math.PI);
          const middle = (from + to) / 2;
          const lines = said(slice, options.displayLabels ?? []);
          const at = inner > 0 ? (inner + outer) / 2 : outer * 0.65;
          const x = center[0] + at * Math.sin(middle);
          const y = center[1] - at * Math.cos(middle);
          const fits = lines.every((l) => measureText(l, 12).width < (to - from) * at * 1.5 || shown.length === 1);
          return (
            <Linked key={slice.name} links={slice.links}>
              <path
                d={path(center, inner, outer, from, to)}
                fill={slice.color}
                stroke={theme.colors.background.primary}
                strokeWidth={1}
                data-testid="pie-slice"
                data-name={slice.name}
                opacity={hover && hover.slice.name !== slice.name ? 0.5 : 1}
                onMouseMove={(e) => mode !== TooltipDisplayMode.None && setHover({ slice, x: e.clientX, y: e.clientY })}
              />
              {fits &&
                lines.map((line, i) => (
                  <text key={i} className={label} x={x} y={y + (i - (lines.length - 1) / 2) * 14} fontSize={12} fill={theme.colors.getContrastText(slice.color)} textAnchor="middle" dominantBaseline="central" data-testid="pie-label">
                    {line}
                  </text>
                ))}
            </Linked>
          );
        })}
      </svg>
      {hover && (
        <Portal>
          <VizTooltipContainer position={{ x: hover.x, y: hover.y }} offset={{ x: 10, y: 10 }}>
            <VizTooltipWrapper>
              <VizTooltipContent
                items={tips.map((s) => ({ label: s.name, value: `${s.text} (${s.percent})`, color: s.color, colorIndicator: VizTooltipColorIndicator.value, isActive: tips.length > 1 && s.name === hover.slice.name }))}
              />
            </VizTooltipWrapper>
          </VizTooltipContainer>
        </Portal>
      )}
    </>
  );
}

export function PieChart(props: PanelProps) {
  const { frames, options, width, height, theme, timeZone, fieldConfig, replace } = props;
  const [hidden, setHidden] = useState<Set<string>>(new Set());
  const figures = useMemo(
    () => getFieldDisplayValues({ fieldConfig, reduceOptions: options.reduceOptions, replaceVariables: replace, theme, data: frames, timeZone }),
    [frames, options, theme, timeZone, fieldConfig, replace]
  );
  const slices = slicesOf(figures, options.sort, hidden);
  if (slices.length === 0) {
    return <NoData>{fieldConfig.defaults.noValue ?? 'No data'}</NoData>;
  }
  const { showLegend, placement = 'bottom', displayMode, values = [], width: legendWidth } = options.legend;
  const items = slices.map(
    (slice): VizLegendItem => ({
      label: slice.name,
      color: slice.color,
      yAxis: 1,
      disabled: slice.hidden,
      getItemKey: () => slice.name,
      getDisplayValues: () =>
        values.map((v: string): DisplayValue => (v === 'percent' ? { numeric: slice.share, text: slice.percent, title: 'Percent' } : { numeric: slice.value, text: slice.text, title: 'Value' })),
    })
  );
  const toggle = (name: string) =>
    setHidden((before) => {
      const others = slices.map((s) => s.name).filter((n) => n !== name);
      const isAlone = others.length > 0 && others.every((n) => before.has(n)) && !before.has(name);
      return new Set(isAlone ? [] : others);
    });
  const legend =
    showLegend && displayMode !== LegendDisplayMode.Hidden ? (
      <VizLayout.Legend placement={placement as LegendPlacement} width={legendWidth}>
        <VizLegend items={items} placement={placement} displayMode={displayMode} onLabelClick={(item) => toggle(item.label)} />
      </VizLayout.Legend>
    ) : null;
  return (
    <VizLayout width={width} height={height} legend={legend as never}>
      {(w, h) => <Pie slices={slices} width={w} height={h} options={options} theme={theme} />}
    </VizLayout>
  );
}
