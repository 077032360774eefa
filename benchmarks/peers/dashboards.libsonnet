// A small library of panels, as teams keep beside their dashboards in Jsonnet.
{
  local source = { type: 'questdb-questdb-datasource', uid: 'questdb' },
  local position(n, h) = { x: (n % 4) * 6, y: 1 + std.floor(n / 4) * 8, w: 6, h: h },

  sql(d, n)::
    'SELECT timestamp AS time, host AS metric, avg(c%d) AS value FROM t%d\n' % [n, d]
    + 'WHERE $__timeFilter(timestamp) AND env = ${env:sqlstring} SAMPLE BY $__sampleByInterval',

  panel(title):: {
    title: title,
    datasource: source,
    fieldConfig: { defaults: {}, overrides: [] },
    withUnit(unit):: self { fieldConfig+: { defaults+: { unit: unit } } },
    withDescription(text):: self { description: text },
    withThresholds(steps):: self { fieldConfig+: { defaults+: { thresholds: { mode: 'absolute', steps: steps } } } },
    withQuery(sql, format):: self {
      targets: [{ refId: 'A', datasource: source, queryType: 'sql', format: format, rawSql: sql }],
    },
  },

  stat(title, n):: $.panel(title) {
    id: n + 1,
    type: 'stat',
    gridPos: position(n, 5),
    options: {
      colorMode: 'value',
      graphMode: 'none',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    },
  },

  timeseries(title, n):: $.panel(title) {
    id: n + 1,
    type: 'timeseries',
    gridPos: position(n, 8),
    fieldConfig+: {
      defaults+: { custom: { drawStyle: 'line', lineWidth: 1, fillOpacity: 0, showPoints: 'auto' } },
    },
    options: {
      legend: { calcs: [], displayMode: 'list', placement: 'bottom', showLegend: true },
      tooltip: { mode: 'multi', sort: 'none' },
    },
  },

  dashboard(d, panels):: {
    local option = { text: 'prod', value: 'prod', selected: true },
    uid: 'd%d' % d,
    title: 'Dashboard %d' % d,
    schemaVersion: 42,
    refresh: '30s',
    time: { from: 'now-6h', to: 'now' },
    tags: [],
    templating: { list: [{ type: 'custom', name: 'env', query: 'prod', current: option, options: [option] }] },
    panels: [
      {
        id: 0,
        type: 'row',
        title: 'All',
        collapsed: false,
        panels: [],
        gridPos: { x: 0, y: 0, w: 24, h: 1 },
      },
    ] + panels,
  },
}
