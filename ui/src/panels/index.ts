/** The component of each kind of panel. */
import type { ComponentType } from 'react';

import { BarGauges, Gauge, Stat } from './SingleValues';
import { Table } from './Table';
import { Text } from './Text';
import { Timeseries } from './Timeseries';
import type { PanelProps } from './types';
import { Unknown } from './Unknown';

const COMPONENTS: Record<string, ComponentType<PanelProps>> = {
  bargauge: BarGauges,
  gauge: Gauge,
  stat: Stat,
  table: Table,
  text: Text,
  timeseries: Timeseries,
};

export function componentOf(kind: string): ComponentType<PanelProps> {
  return COMPONENTS[kind] ?? Unknown;
}

/** Kinds that fill their panel to its border. */
export const WITHOUT_PADDING = new Set(['table']);
