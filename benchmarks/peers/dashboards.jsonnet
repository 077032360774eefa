local lib = import 'dashboards.libsonnet';

function(dashboard, panels)
  lib.dashboard(dashboard, [
    (if n % 2 == 1 then lib.timeseries else lib.stat)('Panel %d' % n, n)
    .withUnit('ms')
    .withDescription('What to do.')
    .withThresholds([{ color: 'green', value: null }, { color: 'red', value: n + 1 }])
    .withQuery(lib.sql(dashboard, n), 1 - n % 2)
    for n in std.range(0, panels - 1)
  ])
