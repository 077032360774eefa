/**
 * What each kind of panel starts from: the defaults that Grafana's plugin of that kind fills in when it loads a panel,
 * and which a rendered dashboard therefore leaves out.
 *
 * Values: `@grafana/schema` 13.2.3 (`raw/composable/<kind>/panelcfg`), where it has them; the rest read in
 * `public/app/plugins/panel/<kind>/module.tsx` of Grafana 11 to 13 (colour modes, legend, tooltip, axis; of pie charts and
 * alert lists all), tables in `table/addTableCustomConfig.ts` and `addTableCustomPanelOptions.ts` of 13.
 */
import {
  type Field,
  FieldColorModeId,
  FieldType,
  getPanelOptionsWithDefaults,
  identityOverrideProcessor,
  PanelPlugin,
  type FieldConfigSource,
} from '@grafana/data';
import {
  AxisColorMode,
  AxisPlacement,
  BarAlignment,
  GraphDrawStyle,
  GraphGradientMode,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LineInterpolation,
  ScaleDistribution,
  SortOrder,
  StackingMode,
  TableCellDisplayMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizOrientation,
} from '@grafana/schema';
import * as barChart from '@grafana/schema/dist/esm/raw/composable/barchart/panelcfg/x/BarChartPanelCfg_types.gen';
import * as barGauge from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import * as candlestick from '@grafana/schema/dist/esm/raw/composable/candlestick/panelcfg/x/CandlestickPanelCfg_types.gen';
import * as gauge from '@grafana/schema/dist/esm/raw/composable/gauge/panelcfg/x/GaugePanelCfg_types.gen';
import * as heatmap from '@grafana/schema/dist/esm/raw/composable/heatmap/panelcfg/x/HeatmapPanelCfg_types.gen';
import * as histogram from '@grafana/schema/dist/esm/raw/composable/histogram/panelcfg/x/HistogramPanelCfg_types.gen';
import * as stat from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import * as stateTimeline from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen';
import * as statusHistory from '@grafana/schema/dist/esm/raw/composable/statushistory/panelcfg/x/StatusHistoryPanelCfg_types.gen';
import * as table from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import * as text from '@grafana/schema/dist/esm/raw/composable/text/panelcfg/x/TextPanelCfg_types.gen';

import type { Options, PanelJSON } from '../contract';
import { withFooter, withHiddenColumns } from './tableOfEarlierVersions';

interface Kind {
  options: Options;
  /** Default of each key of the field config's `custom`; undefined for a key without one. */
  custom?: Options;
  color?: FieldColorModeId;
}

const LEGEND = { showLegend: true, displayMode: LegendDisplayMode.List, placement: 'bottom', calcs: [] };
const TOOLTIP = { mode: TooltipDisplayMode.Single, sort: SortOrder.None, hideZeros: false };
const REDUCE = { values: false, calcs: ['lastNotNull'], fields: '' };
const HIDE_FROM = { tooltip: false, viz: false, legend: false };

const AXIS = {
  axisPlacement: AxisPlacement.Auto,
  axisLabel: '',
  axisWidth: undefined,
  axisGridShow: undefined,
  axisColorMode: AxisColorMode.Text,
  axisBorderShow: false,
  scaleDistribution: { type: ScaleDistribution.Linear },
  axisCenteredZero: false,
  axisSoftMin: undefined,
  axisSoftMax: undefined,
};

const GRAPH = {
  drawStyle: GraphDrawStyle.Line,
  lineInterpolation: LineInterpolation.Linear,
  lineWidth: 1,
  fillOpacity: 0,
  gradientMode: GraphGradientMode.None,
  fillBelowTo: undefined,
  lineStyle: undefined,
  lineColor: undefined,
  barAlignment: BarAlignment.Center,
  barWidthFactor: 0.6,
  barMaxWidth: undefined,
  spanNulls: false,
  insertNulls: false,
  showPoints: VisibilityMode.Auto,
  showValues: false,
  pointSize: 5,
  pointColor: undefined,
  pointSymbol: undefined,
  stacking: { mode: StackingMode.None, group: 'A' },
  transform: undefined,
  thresholdsStyle: { mode: GraphThresholdsStyleMode.Off },
  hideFrom: HIDE_FROM,
  ...AXIS,
};

const KINDS: Record<string, Kind> = {
  timeseries: { options: { legend: LEGEND, tooltip: TOOLTIP }, custom: GRAPH, color: FieldColorModeId.PaletteClassic },
  trend: { options: { legend: LEGEND, tooltip: TOOLTIP }, custom: GRAPH, color: FieldColorModeId.PaletteClassic },
  candlestick: {
    options: { ...candlestick.defaultOptions, legend: LEGEND, tooltip: TOOLTIP },
    custom: GRAPH,
    color: FieldColorModeId.PaletteClassic,
  },
  xychart: {
    options: { mapping: 'auto', series: [], legend: LEGEND, tooltip: TOOLTIP },
    custom: {
      show: 'points',
      pointSize: { fixed: 5 },
      pointShape: 'circle',
      pointStrokeWidth: 1,
      fillOpacity: 50,
      lineWidth: 1,
      lineStyle: undefined,
      lineColor: undefined,
      hideFrom: HIDE_FROM,
      ...AXIS,
    },
    color: FieldColorModeId.PaletteClassic,
  },
  stat: { options: { ...stat.defaultOptions, reduceOptions: REDUCE, orientation: VizOrientation.Auto } },
  gauge: { options: { ...gauge.defaultOptions, reduceOptions: REDUCE, orientation: VizOrientation.Auto } },
  bargauge: { options: { ...barGauge.defaultOptions, reduceOptions: REDUCE, orientation: VizOrientation.Auto } },
  table: {
    options: table.defaultOptions,
    custom: {
      align: 'auto',
      cellOptions: { type: TableCellDisplayMode.Auto },
      filterable: undefined,
      inspect: false,
      hidden: undefined,
      hideFrom: { viz: false },
      hideHeader: undefined,
      minWidth: undefined,
      width: undefined,
      wrapText: undefined,
      wrapHeaderText: undefined,
      tooltip: undefined,
      styleField: undefined,
      footer: { reducers: [] },
    },
  },
  text: { options: text.defaultOptions },
  barchart: {
    options: {
      ...barChart.defaultOptions,
      xField: undefined,
      colorByField: undefined,
      legend: LEGEND,
      tooltip: TOOLTIP,
    },
    custom: {
      ...barChart.defaultFieldConfig,
      thresholdsStyle: { mode: GraphThresholdsStyleMode.Off },
      hideFrom: HIDE_FROM,
      ...AXIS,
    },
    color: FieldColorModeId.PaletteClassic,
  },
  piechart: {
    options: {
      reduceOptions: REDUCE,
      pieType: 'pie',
      sort: 'desc',
      displayLabels: [],
      tooltip: TOOLTIP,
      legend: { ...LEGEND, placement: 'bottom', values: [] },
    },
    custom: { hideFrom: HIDE_FROM },
    color: FieldColorModeId.PaletteClassic,
  },
  'state-timeline': {
    options: { ...stateTimeline.defaultOptions, legend: LEGEND, tooltip: TOOLTIP },
    custom: {
      ...stateTimeline.defaultFieldConfig,
      spanNulls: false,
      insertNulls: false,
      hideFrom: HIDE_FROM,
      axisPlacement: AxisPlacement.Auto,
      axisWidth: undefined,
    },
    color: FieldColorModeId.ContinuousGrYlRd,
  },
  'status-history': {
    options: { ...statusHistory.defaultOptions, legend: LEGEND, tooltip: TOOLTIP },
    custom: {
      ...statusHistory.defaultFieldConfig,
      hideFrom: HIDE_FROM,
      axisPlacement: AxisPlacement.Auto,
      axisWidth: undefined,
    },
    color: FieldColorModeId.Thresholds,
  },
  histogram: {
    options: { ...histogram.defaultOptions, legend: LEGEND, tooltip: TOOLTIP },
    custom: { ...histogram.defaultFieldConfig, stacking: { mode: StackingMode.None, group: 'A' }, hideFrom: HIDE_FROM },
    color: FieldColorModeId.PaletteClassic,
  },
  heatmap: {
    options: {
      ...heatmap.defaultOptions,
      color: { mode: 'scheme', scale: 'exponential', ...heatmap.defaultOptions.color },
      yAxis: { axisPlacement: AxisPlacement.Left },
    },
    custom: { scaleDistribution: { type: ScaleDistribution.Linear }, hideFrom: HIDE_FROM },
  },
  logs: { options: { showTime: true, wrapLogMessage: true, sortOrder: 'Descending', enableLogDetails: true } },
  alertlist: {
    options: {
      viewMode: 'list',
      groupMode: 'default',
      groupBy: [],
      maxItems: 20,
      sortOrder: 1,
      dashboardAlerts: false,
      alertName: '',
      alertInstanceLabelFilter: '',
      datasource: null,
      folder: null,
      showInactiveAlerts: false,
      stateFilter: { firing: true, pending: true, noData: false, normal: false, error: true, recovering: true },
    },
  },
};

/** Axis options are not for the fields that become the x axis. */
function shouldApply(key: string): (field: Field) => boolean {
  if (key === 'axisLabel') {
    return (field) => field.type !== FieldType.time && field.type !== FieldType.string;
  }
  if (key === 'scaleDistribution') {
    return (field) => field.type === FieldType.number;
  }
  return key === 'spanNulls' || key === 'insertNulls' ? (field) => field.type !== FieldType.time : () => true;
}

function makePlugin(kind: string, { options, custom = {}, color }: Kind): PanelPlugin {
  const plugin = new PanelPlugin(null);
  plugin.meta = { id: kind, name: kind } as PanelPlugin['meta'];
  plugin.setPanelOptions((builder) => {
    for (const [path, defaultValue] of Object.entries(options)) {
      builder.addCustomEditor({ id: path, path, name: path, editor: () => null, defaultValue });
    }
  });
  return plugin.useFieldConfig({
    standardOptions: color ? { color: { defaultValue: { mode: color } } } : {},
    useCustomConfig: (builder) => {
      for (const [path, defaultValue] of Object.entries(custom)) {
        builder.addCustomEditor({
          id: path,
          path,
          name: path,
          defaultValue,
          editor: () => null,
          override: () => null,
          process: identityOverrideProcessor,
          shouldApply: shouldApply(path),
        });
      }
    },
  });
}

/** A kind that nothing is known of keeps all that its panel says. */
function unknownKind(panel: PanelJSON): Kind {
  const custom: Options = {};
  for (const key of Object.keys(panel.fieldConfig?.defaults.custom ?? {})) {
    custom[key] = undefined;
  }
  for (const override of panel.fieldConfig?.overrides ?? []) {
    for (const property of override.properties as Array<{ id: string }>) {
      if (property.id.startsWith('custom.')) {
        custom[property.id.slice('custom.'.length)] = undefined;
      }
    }
  }
  return { options: {}, custom };
}

const plugins = new Map<string, PanelPlugin>();

export function pluginOf(panel: PanelJSON): PanelPlugin {
  const known = KINDS[panel.type];
  if (!known) {
    return makePlugin(panel.type, unknownKind(panel));
  }
  let plugin = plugins.get(panel.type);
  if (!plugin) {
    plugin = makePlugin(panel.type, known);
    plugins.set(panel.type, plugin);
  }
  return plugin;
}

export interface LoadedPanel {
  plugin: PanelPlugin;
  options: Options;
  fieldConfig: FieldConfigSource;
}

/** Options and field config as Grafana has them once the panel's plugin is loaded. */
export function loadPanel(panel: PanelJSON): LoadedPanel {
  const plugin = pluginOf(panel);
  // the merge writes into what it is given
  const given = structuredClone({ options: panel.options, fieldConfig: panel.fieldConfig });
  const { options, fieldConfig } = getPanelOptionsWithDefaults({
    plugin,
    currentOptions: (given.options ?? {}) as Record<string, unknown>,
    currentFieldConfig: (given.fieldConfig ?? { defaults: {}, overrides: [] }) as unknown as FieldConfigSource,
    isAfterPluginChange: false,
  });
  const own = structuredClone(fieldConfig);
  const loaded = { plugin, options: options as Options, fieldConfig: own };
  return panel.type === 'table' ? { ...loaded, fieldConfig: withHiddenColumns(withFooter(own, loaded.options.footer)) } : loaded;
}
