/** Numbers over a number: trend, and the XY chart with its automatic mapping. */
import { type DataFrame, type Field, FieldType, getFieldDisplayName } from '@grafana/data';
import { GraphDrawStyle, TooltipDisplayMode } from '@grafana/schema';
import { TimeSeries, TooltipPlugin2 } from '@grafana/ui';
import { useMemo } from 'react';

import type { Options } from '../contract';
import { NoData } from './NoData';
import { paletteByDrawn } from './palette';
import { linksOf, SeriesTooltip } from './SeriesTooltip';
import type { PanelProps } from './types';

/** The first frame with its rows in the order of the field that becomes the axis. */
export function overNumber(frames: DataFrame[], xField: string | undefined): { frame: DataFrame; x: Field } | string {
  const frame = frames.find((f) => f.length > 0);
  if (!frame) {
    return 'No data';
  }
  const isX = (f: Field) => (xField ? getFieldDisplayName(f, frame, frames) === xField || f.name === xField : f.type === FieldType.number);
  const source = frame.fields.find(isX);
  if (!source) {
    return xField ? `There is no field ${xField}` : 'Data is missing a number field';
  }
  const order = source.values.map((_, i) => i).filter((i) => source.values[i] !== null).sort((a, b) => source.values[a] - source.values[b]);
  const fields = frame.fields.map((f) => ({ ...f, values: order.map((i) => f.values[i]) }));
  return { frame: { ...frame, fields, length: order.length }, x: fields[frame.fields.indexOf(source)] };
}

/** An XY chart's fields, in the terms of lines and points. */
function asPoints(frame: DataFrame): DataFrame {
  const fields = frame.fields.map((f) => {
    const custom: Options = f.config.custom ?? {};
    const drawStyle = custom.show === 'lines' || custom.show === 'points+lines' ? GraphDrawStyle.Line : GraphDrawStyle.Points;
    const showPoints = custom.show === 'lines' ? 'never' : 'always';
    return { ...f, config: { ...f.config, custom: { ...custom, drawStyle, showPoints, pointSize: custom.pointSize?.fixed ?? 5, fillOpacity: 0, spanNulls: true } } };
  });
  return { ...frame, fields };
}

export function Trend({ panel, frames, options, width, height, range, theme, timeZone, structureRev, fieldConfig }: PanelProps) {
  const found = useMemo(() => {
    const out = overNumber(frames, options.xField);
    if (typeof out === 'string') {
      return out;
    }
    const [frame] = paletteByDrawn([out.frame], theme, timeZone, out.x);
    return { x: out.x, frame: panel.type === 'xychart' ? asPoints(frame) : frame };
  }, [frames, options.xField, panel.type, theme, timeZone]);
  if (typeof found === 'string') {
    return <NoData>{found === 'No data' ? (fieldConfig.defaults.noValue ?? found) : found}</NoData>;
  }
  const xName = found.x.name;
  const matchers = {
    x: (f: Field) => f.name === xName,
    y: (f: Field) => f.type === FieldType.number && f.name !== xName,
  };
  const tooltip: { mode: TooltipDisplayMode; sort: never; hideZeros?: boolean } = options.tooltip;
  return (
    <TimeSeries
      frames={[found.frame]}
      fields={matchers}
      structureRev={structureRev}
      width={width}
      height={height}
      timeRange={range}
      timeZone={[timeZone] as never}
      legend={options.legend}
      options={options as never}
    >
      {(config, aligned) =>
        tooltip.mode !== TooltipDisplayMode.None && (
          <TooltipPlugin2
            config={config}
            hoverMode={(tooltip.mode === TooltipDisplayMode.Single ? 0 : 1) as never}
            getDataLinks={(series, row) => linksOf(aligned.fields[series], row)}
            render={(_u, dataIdxs, seriesIdx, isPinned, _dismiss, _range, _sync, dataLinks) => (
              <SeriesTooltip frame={aligned} dataIdxs={dataIdxs} seriesIdx={seriesIdx} mode={tooltip.mode} sort={tooltip.sort} hideZeros={tooltip.hideZeros} isPinned={isPinned} dataLinks={dataLinks} />
            )}
          />
        )
      }
    </TimeSeries>
  );
}
