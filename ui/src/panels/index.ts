/** The component of each kind of panel. */
import type { ComponentType } from 'react';

import { AlertList } from './AlertList';
import { BarChart } from './BarChart';
import { Candlestick } from './Candlestick';
import { Heatmap } from './Heatmap';
import { Histogram } from './Histogram';
import { Logs } from './Logs';
import { PieChart } from './PieChart';
import { BarGauges, Gauge, Stat } from './SingleValues';
import { StateTimeline } from './StateTimeline';
import { Table } from './Table';
import { Text } from './Text';
import { Timeseries } from './Timeseries';
import { Trend } from './Trend';
import type { PanelProps } from './types';
import { Unknown } from './Unknown';

const COMPONENTS: Record<string, ComponentType<PanelProps>> = {
  alertlist: AlertList,
  barchart: BarChart,
  bargauge: BarGauges,
  candlestick: Candlestick,
  gauge: Gauge,
  heatmap: Heatmap,
  histogram: Histogram,
  logs: Logs,
  piechart: PieChart,
  stat: Stat,
  'state-timeline': StateTimeline,
  'status-history': StateTimeline,
  table: Table,
  text: Text,
  timeseries: Timeseries,
  trend: Trend,
  xychart: Trend,
};

export function componentOf(kind: string): ComponentType<PanelProps> {
  return COMPONENTS[kind] ?? Unknown;
}

/** Kinds that fill their panel to its border. */
export const WITHOUT_PADDING = new Set(['table']);
