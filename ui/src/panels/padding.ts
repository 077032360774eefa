import type { UPlotConfigBuilder } from '@grafana/ui';
import type uPlot from 'uplot';

/** Half of the widest label of a time axis: without it, one that stands at the end of the range is cut. */
const HALF_LABEL = 17;
const AT_RIGHT = 1;

/** Room at the right, where no axis is. */
export function addPadding(builder: UPlotConfigBuilder): void {
  const right: uPlot.PaddingSide = (_u, _side, sidesWithAxes) => (sidesWithAxes[AT_RIGHT] ? 0 : HALF_LABEL);
  builder.setPadding([null, right, null, null] as never);
}
