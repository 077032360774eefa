import type { DataFrame, FieldConfigSource, GrafanaTheme2, InterpolateFunction, TimeRange } from '@grafana/data';

import type { Options, PanelJSON } from '../contract';

export interface PanelProps {
  panel: PanelJSON;
  options: Options;
  fieldConfig: FieldConfigSource;
  frames: DataFrame[];
  width: number;
  height: number;
  range: TimeRange;
  timeZone: string;
  theme: GrafanaTheme2;
  replace: InterpolateFunction;
  structureRev: number;
}
