/** Stat, gauge and bar gauge: one figure for each series or row. */
import {
  type FieldDisplay,
  getDisplayValueAlignmentFactors,
  getFieldDisplayValues,
  type LinkModel,
  VizOrientation,
} from '@grafana/data';
import { BarGaugeDisplayMode, BarGaugeSizing } from '@grafana/schema';
import { BarGauge, BigValue, DataLinksContextMenu, VizRepeater } from '@grafana/ui';
import type { ReactElement } from 'react';

import { GaugeArc } from './GaugeArc';
import type { PanelProps } from './types';

function figures(props: PanelProps, sparkline: boolean): FieldDisplay[] {
  const { fieldConfig, options, replace, theme, frames, timeZone } = props;
  return getFieldDisplayValues({
    fieldConfig,
    reduceOptions: options.reduceOptions,
    replaceVariables: replace,
    theme,
    data: frames,
    sparkline,
    timeZone,
    percentChange: options.showPercentChange,
  });
}

/** A figure with data links is a link itself, or opens a menu of them. */
function Linked({ value, children }: { value: FieldDisplay; children: (className?: string, onClick?: React.MouseEventHandler<HTMLElement>) => ReactElement }) {
  const { hasLinks, getLinks } = value;
  if (!hasLinks || !getLinks) {
    return children();
  }
  return (
    <DataLinksContextMenu links={getLinks as () => LinkModel[]}>
      {({ openMenu, targetClassName }) => children(targetClassName, openMenu)}
    </DataLinksContextMenu>
  );
}

interface RenderProps {
  value: FieldDisplay;
  width: number;
  height: number;
  orientation: VizOrientation;
  alignmentFactors?: ReturnType<typeof getDisplayValueAlignmentFactors>;
  count: number;
}

export function Stat(props: PanelProps) {
  const { options, frames, width, height, range, theme } = props;
  const render = ({ value, width, height, alignmentFactors, count }: RenderProps) => (
    <Linked value={value}>
      {(className, onClick) => (
        <BigValue
          value={value.display}
          count={count}
          sparkline={options.graphMode !== 'none' && value.sparkline ? { ...value.sparkline, timeRange: range } : undefined}
          colorMode={options.colorMode}
          graphMode={options.graphMode}
          justifyMode={options.justifyMode}
          textMode={textMode(options.textMode)}
          alignmentFactors={alignmentFactors}
          text={options.text}
          width={width}
          height={height}
          theme={theme}
          percentChangeColorMode={options.percentChangeColorMode}
          disableWideLayout={!options.wideLayout}
          className={className}
          onClick={onClick}
        />
      )}
    </Linked>
  );
  return (
    <VizRepeater
      getValues={() => figures(props, options.graphMode !== 'none')}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={render as never}
      width={width}
      height={height}
      source={frames}
      itemSpacing={3}
      renderCounter={0}
      autoGrid={true}
      orientation={options.orientation}
    />
  );
}

const textMode = (mode: string) => mode as never;

export function Gauge(props: PanelProps) {
  const { options, frames, width, height, theme } = props;
  const manual = options.sizing === BarGaugeSizing.Manual;
  const render = ({ value, width, height, count }: RenderProps) => (
    <Linked value={value}>
      {(className, onClick) => (
        <GaugeArc figure={value} width={width} height={height} theme={theme} options={options} named={count > 1} className={className} onClick={onClick} />
      )}
    </Linked>
  );
  return (
    <VizRepeater
      getValues={() => figures(props, false)}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={render as never}
      width={width}
      height={height}
      source={frames}
      renderCounter={0}
      autoGrid={true}
      minVizWidth={manual ? options.minVizWidth : undefined}
      minVizHeight={manual ? options.minVizHeight : undefined}
      orientation={options.orientation}
    />
  );
}

export function BarGauges(props: PanelProps) {
  const { options, frames, width, height, theme } = props;
  const vertical = options.orientation === 'vertical' || (options.orientation === 'auto' && width > height);
  const manual = options.sizing === BarGaugeSizing.Manual;
  const bar = ({ value, width, height, orientation, alignmentFactors, count }: RenderProps) => (
    <Linked value={value}>
      {(className, onClick) => (
        <BarGauge
          value={value.display}
          width={width}
          height={height}
          orientation={orientation}
          field={value.field}
          text={options.text}
          display={value.view?.getFieldDisplayProcessor(value.colIndex ?? 0)}
          theme={theme}
          itemSpacing={10}
          lcdCellWidth={options.displayMode === BarGaugeDisplayMode.Lcd ? 12 : 14}
          displayMode={options.displayMode}
          alignmentFactors={count > 1 ? alignmentFactors : undefined}
          showUnfilled={options.showUnfilled}
          valueDisplayMode={options.valueMode}
          namePlacement={options.namePlacement}
          className={className}
          onClick={onClick}
        />
      )}
    </Linked>
  );
  // a link is as wide as what is in it, and the bar as wide as what it is in
  const render = (given: RenderProps) =>
    given.value.hasLinks ? <div style={{ width: '100%', display: vertical ? 'flex' : 'block' }}>{bar(given)}</div> : bar(given);
  return (
    <VizRepeater
      getValues={() => figures(props, false)}
      getAlignmentFactors={getDisplayValueAlignmentFactors}
      renderValue={render as never}
      width={width}
      height={height}
      source={frames}
      renderCounter={0}
      minVizWidth={manual && vertical ? options.minVizWidth : 8}
      minVizHeight={manual && !vertical ? options.minVizHeight : 16}
      maxVizHeight={manual && !vertical ? options.maxVizHeight : 300}
      itemSpacing={options.displayMode === BarGaugeDisplayMode.Lcd ? 2 : 10}
      orientation={options.orientation}
    />
  );
}
