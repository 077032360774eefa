/** What a dashboard's parts share. */
import { DashboardCursorSync, type EventBus, type GrafanaTheme2, type InterpolateFunction, type TimeRange } from '@grafana/data';
import { createContext, useContext } from 'react';

import type { Client } from '../client';
import type { AnnotationSeries, DashboardJSON, Meta, Variable, VariableValues } from '../contract';
import type { Clock } from './range';

export interface DashboardScope {
  client: Client;
  meta: Meta;
  uid: string;
  dashboard: DashboardJSON;
  clock: Clock;
  range: TimeRange;
  /** Grows with each refresh. */
  tick: number;
  timeZone: string;
  theme: GrafanaTheme2;
  variables: Variable[];
  values: VariableValues;
  annotations: AnnotationSeries[];
  replace: InterpolateFunction;
  cursorSync: DashboardCursorSync;
  eventBus: EventBus;
  /** Draws panels out of view too. */
  all: boolean;
  kiosk: boolean;
  setRange: (from: number, to: number) => void;
}

const Scope = createContext<DashboardScope | null>(null);

export const DashboardProvider = Scope.Provider;

export function useDashboard(): DashboardScope {
  const scope = useContext(Scope);
  if (!scope) {
    throw new Error('no dashboard around this part');
  }
  return scope;
}
