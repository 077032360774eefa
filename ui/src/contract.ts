/** What the page and the server of `dashgen preview` say to each other. */
import type { DataFrameJSON, DataTopic } from '@grafana/data';

export interface SpecError {
  message: string;
  file?: string;
  line?: number;
  hint?: string;
}

export interface DashboardEntry {
  uid: string;
  title: string;
  folder: string;
  tags: string[];
  panels: number;
}

export interface Meta {
  environment: string;
  environments: string[];
  datasource: { kind: string };
  /** The moment that `now` stands for, in milliseconds; null for the clock's. */
  now: number | null;
  dashboards: DashboardEntry[];
  errors: SpecError[];
  revision: number;
}

export interface GridPos {
  x: number;
  y: number;
  w: number;
  h: number;
}

/** Options are each kind's own, by Grafana's names. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Options = Record<string, any>;

export interface PanelLink {
  title: string;
  url: string;
  targetBlank?: boolean;
}

export interface PanelJSON {
  id: number;
  type: string;
  title?: string;
  description?: string;
  gridPos: GridPos;
  options?: Options;
  fieldConfig?: { defaults: Options; overrides: Options[] };
  transformations?: Array<{ id: string; options: Options; disabled?: boolean; filter?: { id: string; options?: unknown }; topic?: DataTopic }>;
  targets?: Array<Options & { refId: string }>;
  links?: PanelLink[];
  repeat?: string;
  repeatDirection?: 'h' | 'v';
  maxPerRow?: number;
  maxDataPoints?: number;
  interval?: string;
  timeFrom?: string;
  timeShift?: string;
  hideTimeOverride?: boolean;
  transparent?: boolean;
  collapsed?: boolean;
  panels?: PanelJSON[];
}

export interface DashboardLink {
  type: 'link' | 'dashboards';
  title: string;
  url?: string;
  tags?: string[];
  icon?: string;
  tooltip?: string;
  asDropdown?: boolean;
  targetBlank?: boolean;
  keepTime?: boolean;
  includeVars?: boolean;
  placement?: string;
}

export interface AnnotationJSON {
  name: string;
  enable?: boolean;
  hide?: boolean | number;
  builtIn?: number;
  iconColor?: string;
  filter?: { exclude?: boolean; ids: number[] };
}

export interface DashboardJSON {
  uid: string;
  title: string;
  description?: string;
  tags?: string[];
  timezone?: string;
  weekStart?: string;
  fiscalYearStartMonth?: number;
  graphTooltip?: number;
  refresh?: string | boolean;
  time?: { from: string; to: string };
  timepicker?: { refresh_intervals?: string[]; hidden?: boolean; nowDelay?: string; quick_ranges?: Options[] };
  panels: PanelJSON[];
  links?: DashboardLink[];
  templating?: { list: Array<Options & { name: string; type: string }> };
  annotations?: { list: AnnotationJSON[] };
}

export interface DashboardAnswer {
  dashboard: DashboardJSON;
  revision: number;
}

export type VariableValue = string | string[];
export type VariableValues = Record<string, VariableValue>;

export interface VariableOption {
  text: string;
  value: string;
  selected?: boolean;
}

export interface Variable {
  name: string;
  type: string;
  label?: string | null;
  description?: string | null;
  /** 0 shown, 1 without label, 2 hidden, 3 in the menu of controls. */
  hide?: number;
  multi?: boolean;
  includeAll?: boolean;
  allValue?: string | null;
  options: VariableOption[];
  current: { text: VariableValue; value: VariableValue };
  error?: string | null;
}

export interface VariablesRequest {
  uid: string;
  variables: VariableValues;
  from: number;
  to: number;
  name?: string;
}

export interface VariablesAnswer {
  variables: Variable[];
}

export interface RawRange {
  from: string;
  to: string;
}

export interface QueryRequest {
  uid: string;
  panelId: number;
  from: number;
  to: number;
  range: RawRange;
  maxDataPoints: number;
  width: number;
  scopedVars: Record<string, string>;
  variables: VariableValues;
  timezone: string;
}

export interface QueryResult {
  refId: string;
  frames: DataFrameJSON[];
  error?: string | null;
  status: number;
  rows?: number;
  ms?: number;
}

export interface QueryAnswer {
  results: Record<string, QueryResult>;
  interval?: { text: string; ms: number };
}

export interface AnnotationEvent {
  time: number;
  timeEnd?: number | null;
  text?: string;
  title?: string;
  tags?: string[];
}

export interface AnnotationSeries {
  name: string;
  color: string;
  events: AnnotationEvent[];
  error?: string | null;
}

export interface AnnotationsAnswer {
  annotations: AnnotationSeries[];
}

export type AlertState = 'firing' | 'pending' | 'normal' | 'nodata' | 'error' | 'recovering';

export interface AlertRule {
  uid: string;
  name: string;
  state: AlertState;
  since?: number | null;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  dashboardUid?: string | null;
  panelId?: number | null;
}

export interface AlertsAnswer {
  groups: Array<{ name: string; folder?: string; rules: AlertRule[] }>;
  error?: string;
}

/** What a page without a server carries: the answers that a live page was given. */
export interface StaticData {
  meta: Meta;
  dashboards: Record<string, DashboardAnswer>;
  variables: Record<string, VariablesAnswer>;
  queries: Record<string, QueryAnswer>;
  annotations: Record<string, AnnotationsAnswer>;
  alerts: Record<string, AlertsAnswer>;
  range: RawRange & { fromMs: number; toMs: number };
  theme: 'dark' | 'light';
  timezone?: string;
  view: { uid: string; panelId?: number | null };
}

export interface Revision {
  revision: number;
  changed: string[];
  errors: SpecError[];
}
