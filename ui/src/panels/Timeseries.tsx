import {
  type DataFrame,
  type Field,
  FieldType,
  getDisplayProcessor,
  type GrafanaTheme2,
  type TimeRange,
} from '@grafana/data';
import { GraphDrawStyle, LineInterpolation, TooltipDisplayMode } from '@grafana/schema';
import { EventBusPlugin, TimeSeries, TooltipPlugin2, type UPlotConfigBuilder, usePanelContext } from '@grafana/ui';
import { useMemo } from 'react';

import { useDashboard } from '../dashboard/context';
import { AnnotationsPlugin } from './Annotations';
import { NoData } from './NoData';
import { addPadding } from './padding';
import { paletteByDrawn } from './palette';
import { linksOf, SeriesTooltip } from './SeriesTooltip';
import type { PanelProps } from './types';

const HOVER_ONE = 0;
const HOVER_ALL = 1;

function asNumbers(field: Field, theme: GrafanaTheme2, timeZone: string): Field {
  const custom = field.config.custom ?? {};
  const config = {
    ...field.config,
    max: 1,
    min: 0,
    custom: {
      ...custom,
      lineInterpolation:
        custom.drawStyle === GraphDrawStyle.Bars ? custom.lineInterpolation : (custom.lineInterpolation ?? LineInterpolation.StepAfter),
    },
  };
  const out: Field = { ...field, config, type: FieldType.number, values: field.values.map((v: boolean | null) => (v === null ? null : v ? 1 : 0)) };
  const booleans = { ...field, config, type: FieldType.boolean };
  const display = getDisplayProcessor({ field: booleans, theme, timeZone });
  out.display = (value) => display(typeof value === 'number' ? value >= 0.5 : value);
  return out;
}

/** Numbers over time, in the order of time; booleans count as 0 and 1. */
export function graphable(frames: DataFrame[], theme: GrafanaTheme2, timeZone: string): DataFrame[] {
  const out: DataFrame[] = [];
  for (const frame of paletteByDrawn(frames, theme, timeZone)) {
    if (!frame.fields.some((f) => f.type === FieldType.time) || frame.length === 0) {
      continue;
    }
    const fields = frame.fields.map((f) => (f.type === FieldType.boolean ? asNumbers(f, theme, timeZone) : f));
    if (fields.some((f) => f.type === FieldType.number || f.type === FieldType.enum)) {
      out.push({ ...frame, fields });
    }
  }
  return out;
}

/** Why there is nothing to draw over time. */
export function missing(frames: DataFrame[], noValue: string | undefined): string {
  const filled = frames.filter((f) => f.length > 0);
  if (filled.length === 0) {
    return noValue ?? 'No data';
  }
  return filled.some((f) => f.fields.some((x) => x.type === FieldType.time)) ? 'Data is missing a number field' : 'Data is missing a time field';
}

interface PluginsProps {
  config: UPlotConfigBuilder;
  frame: DataFrame;
  range: TimeRange;
  tooltip: { mode: TooltipDisplayMode; sort: never; hideZeros?: boolean; maxWidth?: number; maxHeight?: number };
  timeZone: string;
}

/** What lies over a chart with a time axis: tooltip, zoom, the pointer of other panels, annotations. */
export function TimePlugins({ config, frame, tooltip, timeZone }: PluginsProps) {
  const { setRange, cursorSync, kiosk } = useDashboard();
  const { eventBus, eventsScope } = usePanelContext();
  return (
    <>
      <EventBusPlugin config={config} eventBus={eventBus} frame={frame} />
      <TooltipPlugin2
        config={config}
        hoverMode={(tooltip.mode === TooltipDisplayMode.Single ? HOVER_ONE : HOVER_ALL) as never}
        queryZoom={({ from, to }) => setRange(from, to)}
        clientZoom={true}
        syncMode={cursorSync}
        syncScope={eventsScope}
        getDataLinks={(seriesIdx, dataIdx) => linksOf(frame.fields[seriesIdx], dataIdx)}
        render={(_u, dataIdxs, seriesIdx, isPinned, _dismiss, _range, viaSync, dataLinks) =>
          tooltip.mode === TooltipDisplayMode.None ? null : (
            <SeriesTooltip
              frame={frame}
              dataIdxs={dataIdxs}
              seriesIdx={seriesIdx}
              mode={viaSync ? TooltipDisplayMode.Multi : tooltip.mode}
              sort={tooltip.sort}
              hideZeros={tooltip.hideZeros}
              maxHeight={tooltip.maxHeight}
              isPinned={isPinned}
              dataLinks={dataLinks}
            />
          )
        }
        maxWidth={tooltip.maxWidth}
      />
      <AnnotationsPlugin config={config} timeZone={timeZone} interactive={!kiosk} />
    </>
  );
}

export function Timeseries({ frames, options, width, height, range, timeZone, theme, fieldConfig, structureRev }: PanelProps) {
  const series = useMemo(() => graphable(frames, theme, timeZone), [frames, theme, timeZone]);
  const zones: string[] = options.timezone?.length ? options.timezone.map((z: string) => z || timeZone) : [timeZone];
  if (series.length === 0) {
    return <NoData>{missing(frames, fieldConfig.defaults.noValue)}</NoData>;
  }
  return (
    <TimeSeries
      frames={series}
      structureRev={structureRev}
      width={width}
      height={height}
      timeRange={range}
      timeZone={zones as never}
      legend={options.legend}
      options={options as never}
    >
      {(config, aligned) => {
        withLinks(aligned, series);
        addPadding(config);
        return <TimePlugins config={config} frame={aligned} range={range} tooltip={options.tooltip} timeZone={timeZone} />;
      }}
    </TimeSeries>
  );
}

/** The joined frame has its own row numbers, so its links are made from its own values. */
function withLinks(aligned: DataFrame, frames: DataFrame[]) {
  for (const field of aligned.fields) {
    const origin = field.state?.origin;
    const source = origin && frames[origin.frameIndex]?.fields[origin.fieldIndex];
    if (origin && source?.config.links?.length && source.getLinks) {
      const replace = source.getLinks;
      field.getLinks = (config) => {
        const time = aligned.fields[0].values[config.valueRowIndex ?? 0];
        const rows = frames[origin.frameIndex].fields.find((f) => f.type === FieldType.time)?.values ?? [];
        const row = rows.indexOf(time);
        return replace(row < 0 ? config : { ...config, valueRowIndex: row });
      };
    }
  }
}
