/** Grafana's transformations: those of @grafana/data, and here those that only its application has. */
import {
  type DataFrame,
  type DataTransformerInfo,
  type Field,
  fieldMatchers,
  fieldReducers,
  FieldType,
  getFieldDisplayName,
  guessFieldTypeForField,
  reduceField,
  ReducerID,
  standardTransformers,
  toDataFrame,
} from '@grafana/data';
import { map } from 'rxjs/operators';

import type { Options } from '../contract';

type Step = (frames: DataFrame[], options: Options) => DataFrame[];

function transformer(id: string, step: Step): DataTransformerInfo {
  return { id, name: id, defaultOptions: {}, operator: (options: Options) => (source) => source.pipe(map((frames) => step(frames, options ?? {}))) };
}

const named = (frame: DataFrame, name: string | undefined, frames?: DataFrame[]) =>
  frame.fields.find((f) => name && (f.name === name || getFieldDisplayName(f, frame, frames) === name));

const at = (field: Field, rows: number[]): Field => ({ ...field, values: rows.map((i) => field.values[i]), state: undefined });

/** A frame for each combination of values of some fields. */
const partitionByValues: Step = (frames, { fields = [], keepFields = false, naming }) =>
  frames.flatMap((frame) => {
    const by = (fields as string[]).map((name) => named(frame, name, frames)).filter((f): f is Field => f !== undefined);
    if (by.length === 0) {
      return [frame];
    }
    const parts = new Map<string, number[]>();
    for (let i = 0; i < frame.length; i++) {
      const key = JSON.stringify(by.map((f) => f.values[i]));
      parts.set(key, [...(parts.get(key) ?? []), i]);
    }
    return [...parts.values()].map((rows): DataFrame => {
      const values = by.map((f) => String(f.values[rows[0]]));
      const labels = Object.fromEntries(by.map((f, n) => [f.name, values[n]]));
      const asLabels = naming?.asLabels ?? true;
      const words = by.map((f, n) => (naming?.withNames ? `${f.name}${naming?.separator1 ?? '='}${values[n]}` : values[n]));
      const kept = frame.fields.filter((f) => keepFields || !by.includes(f)).map((f) => at(f, rows));
      const labelled = kept.map((f) => (asLabels && f.type !== FieldType.time ? { ...f, labels: { ...f.labels, ...labels } } : f));
      const title = words.join(naming?.separator2 ?? ' ');
      return { ...frame, name: asLabels ? frame.name : `${naming?.append && frame.name ? `${frame.name} ` : ''}${title}`, fields: labelled, length: rows.length };
    });
  });

/** Series in a frame each (`multi`), beside each other (`wide`), or as rows with a column a label (`long`). */
const prepareTimeSeries: Step = (frames, { format = 'multi' }) => {
  const series = frames.flatMap((frame) => {
    const time = frame.fields.find((f) => f.type === FieldType.time);
    const texts = frame.fields.filter((f) => f.type === FieldType.string);
    const numbers = frame.fields.filter((f) => f.type === FieldType.number || f.type === FieldType.boolean);
    if (!time) {
      return [];
    }
    const parts = partitionByValues([frame], { fields: texts.map((f) => f.name) });
    const names = new Set(numbers.map((f) => f.name));
    return parts.flatMap((part) => {
      const own = part.fields.find((f) => f.type === FieldType.time) as Field;
      return part.fields.filter((f) => names.has(f.name)).map((field): DataFrame => ({ ...part, fields: [own, field] }));
    });
  });
  if (format === 'long' || format === 'timeseries-long') {
    const labels = [...new Set(series.flatMap((s) => Object.keys(s.fields[1].labels ?? {})))].sort();
    const values = [...new Set(series.map((s) => s.fields[1].name))];
    const rows = series.flatMap((s) => s.fields[0].values.map((time: number, i) => ({ time, labels: s.fields[1].labels ?? {}, name: s.fields[1].name, value: s.fields[1].values[i] as unknown })));
    rows.sort((a, b) => a.time - b.time);
    return [
      toDataFrame({
        fields: [
          { name: 'time', type: FieldType.time, values: rows.map((r) => r.time) },
          ...labels.map((l) => ({ name: l, type: FieldType.string, values: rows.map((r) => r.labels[l] ?? null) })),
          ...values.map((v) => ({ name: v, type: FieldType.number, values: rows.map((r) => (r.name === v ? r.value : null)) })),
        ],
      }),
    ];
  }
  if (format === 'wide' || format === 'timeseries-wide') {
    const times = [...new Set(series.flatMap((s) => s.fields[0].values as number[]))].sort((a, b) => a - b);
    const row = new Map(times.map((t, i) => [t, i]));
    const fields = series.map((s): Field => {
      const values: unknown[] = Array(times.length).fill(null);
      s.fields[0].values.forEach((t, i) => (values[row.get(t) as number] = s.fields[1].values[i]));
      return { ...s.fields[1], values };
    });
    const time: Field | undefined = series[0] && { ...series[0].fields[0], values: times };
    return time ? [{ fields: [time, ...fields], length: times.length }] : [];
  }
  return series;
};

function parsed(text: unknown, format: string): Record<string, unknown> {
  if (text && typeof text === 'object') {
    return text as Record<string, unknown>;
  }
  const said = String(text ?? '');
  if (format !== 'kvp') {
    try {
      const value: unknown = JSON.parse(said);
      if (value && typeof value === 'object') {
        return value as Record<string, unknown>;
      }
    } catch {
      // not JSON: pairs, where no format is asked for
    }
    if (format === 'json') {
      return {};
    }
  }
  const out: Record<string, unknown> = {};
  for (const [, key, quoted, plain] of said.matchAll(/([\w.-]+)\s*[=:]\s*(?:"([^"]*)"|([^\s,;&]+))/g)) {
    out[key] = quoted ?? plain;
  }
  return out;
}

const inside = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((v, key) => (v && typeof v === 'object' ? (v as Record<string, unknown>)[key] : undefined), value);

/** Fields out of texts that hold JSON or pairs of keys and values. */
const extractFields: Step = (frames, { source, format = 'auto', jsonPaths = [], replace = false, keepTime = false }) =>
  frames.map((frame) => {
    const from = named(frame, source, frames);
    if (!from) {
      return frame;
    }
    const rows = from.values.map((v) => parsed(v, format));
    const paths = (jsonPaths as Array<{ path: string; alias?: string }>).filter((p) => p.path);
    const wanted = paths.length ? paths.map((p) => ({ path: p.path, name: p.alias || p.path })) : [...new Set(rows.flatMap(Object.keys))].map((path) => ({ path, name: path }));
    const fields = wanted.map(({ path, name }): Field => {
      const values = rows.map((row) => (paths.length ? inside(row, path) : row[path]) ?? null);
      const field: Field = { name, type: FieldType.other, config: {}, values };
      field.type = guessFieldTypeForField(field) ?? FieldType.string;
      if (field.type === FieldType.number) {
        field.values = values.map((v) => (v === null ? null : Number(v)));
      }
      return field;
    });
    const before = replace ? frame.fields.filter((f) => keepTime && f.type === FieldType.time) : frame.fields;
    return { ...frame, fields: [...before, ...fields] };
  });

const CONFIG_KEYS = new Set(['displayName', 'unit', 'min', 'max', 'decimals', 'noValue', 'description']);

/** What a row says of its field, by the handler that the panel names or by the column's own name. */
function configOf(field: Field, mappings: Options[]): string | undefined {
  const asked = mappings.find((m) => m.fieldName === field.name)?.handlerKey as string | undefined;
  return asked ?? [...CONFIG_KEYS, 'color'].find((key) => key.toLowerCase() === field.name.toLowerCase());
}

function applied(config: Options, key: string | undefined, value: unknown): void {
  if (!key || value === null || value === undefined) {
    return;
  }
  if (key === 'color') {
    config.color = { mode: 'fixed', fixedColor: String(value) };
  } else if (/^threshold\d+$/.test(key)) {
    config.thresholds ??= { mode: 'absolute', steps: [{ value: -Infinity, color: 'green' }] };
    config.thresholds.steps.push({ value: Number(value), color: key === 'threshold1' ? 'red' : 'orange' });
  } else if (CONFIG_KEYS.has(key)) {
    config[key] = ['min', 'max', 'decimals'].includes(key) ? Number(value) : value;
  }
}

/** Each row becomes a field. */
const rowsToFields: Step = (frames, { mappings = [] }) =>
  frames.map((frame) => {
    const key = (name: string) => (mappings as Options[]).find((m) => m.fieldName === name)?.handlerKey as string | undefined;
    const names = frame.fields.find((f) => key(f.name) === 'field.name') ?? frame.fields.find((f) => f.type === FieldType.string);
    const values = frame.fields.find((f) => key(f.name) === 'field.value') ?? frame.fields.find((f) => f.type === FieldType.number);
    if (!names || !values) {
      return frame;
    }
    const rest = frame.fields.filter((f) => f !== names && f !== values && key(f.name) !== '__ignore');
    const fields = names.values.map((name: unknown, row): Field => {
      const config: Options = {};
      const labels: Record<string, string> = {};
      for (const field of rest) {
        const handler = configOf(field, mappings);
        if (handler && handler !== 'field.label') {
          applied(config, handler, field.values[row]);
        } else {
          labels[field.name] = String(field.values[row]);
        }
      }
      return { name: String(name), type: values.type, config, labels: Object.keys(labels).length ? labels : undefined, values: [values.values[row]] };
    });
    return { ...frame, fields, length: 1 };
  });

/** Options of fields out of another query's result. */
const configFromData: Step = (frames, { configRefId = 'config', mappings = [], applyTo }) => {
  const source = frames.find((f) => f.refId === configRefId);
  if (!source) {
    return frames;
  }
  const config: Options = {};
  for (const field of source.fields) {
    const mapping = (mappings as Options[]).find((m) => m.fieldName === field.name);
    const value: unknown = reduceField({ field, reducers: [mapping?.reducerId ?? ReducerID.lastNotNull] })[mapping?.reducerId ?? ReducerID.lastNotNull];
    applied(config, configOf(field, mappings), value);
  }
  const matches = applyTo ? fieldMatchers.getIfExists(applyTo.id)?.get(applyTo.options) : (f: Field) => f.type === FieldType.number;
  return frames
    .filter((f) => f !== source)
    .map((frame) => ({ ...frame, fields: frame.fields.map((f) => (matches?.(f, frame, frames) ? { ...f, config: { ...f.config, ...config } } : f)) }));
};

/** A row for each series, its course as one cell. */
const timeSeriesTable: Step = (frames, options) => {
  const byQuery = new Map<string, DataFrame[]>();
  for (const frame of prepareTimeSeries(frames, { format: 'multi' })) {
    const key = frame.refId ?? 'A';
    byQuery.set(key, [...(byQuery.get(key) ?? []), frame]);
  }
  return [...byQuery].map(([refId, series]) => {
    const labels = [...new Set(series.flatMap((s) => Object.keys(s.fields[1].labels ?? {})))];
    const stat = options[refId]?.stat ?? ReducerID.lastNotNull;
    const trends = series.map((s) => ({ ...s, value: reduceField({ field: s.fields[1], reducers: [stat] })[fieldReducers.get(stat).id] as unknown }));
    return {
      refId,
      length: series.length,
      fields: [
        ...labels.map((l): Field => ({ name: l, type: FieldType.string, config: {}, values: series.map((s) => s.fields[1].labels?.[l] ?? '') })),
        { name: `Trend${byQuery.size > 1 ? ` #${refId}` : ''}`, type: FieldType.frame, config: {}, values: trends },
      ],
    };
  });
};

/** Values of one label of each series become columns, its other labels rows. */
const joinByLabels: Step = (frames, { value, join }) => {
  const rows = new Map<string, { labels: Record<string, string>; cells: Map<string, unknown> }>();
  const columns = new Set<string>();
  for (const field of frames.flatMap((f) => f.fields).filter((f) => f.type === FieldType.number && f.labels?.[value] !== undefined)) {
    const { [value as string]: column, ...others } = field.labels as Record<string, string>;
    const kept = join?.length ? Object.fromEntries((join as string[]).filter((l) => l in others).map((l) => [l, others[l]])) : others;
    const key = JSON.stringify(kept);
    const row = rows.get(key) ?? { labels: kept, cells: new Map() };
    row.cells.set(column, field.values[field.values.length - 1]);
    rows.set(key, row);
    columns.add(column);
  }
  const all = [...rows.values()];
  const labels = [...new Set(all.flatMap((r) => Object.keys(r.labels)))];
  return [
    toDataFrame({
      fields: [
        ...labels.map((l) => ({ name: l, type: FieldType.string, values: all.map((r) => r.labels[l] ?? null) })),
        ...[...columns].map((c) => ({ name: c, type: FieldType.number, values: all.map((r) => r.cells.get(c) ?? null) })),
      ],
    }),
  ];
};

const OWN: Record<string, Step> = { configFromData, extractFields, joinByLabels, partitionByValues, prepareTimeSeries, rowsToFields, timeSeriesTable };

export function allTransformers(): DataTransformerInfo[] {
  const byId = new Map<string, DataTransformerInfo>();
  for (const one of Object.values(standardTransformers) as DataTransformerInfo[]) {
    byId.set(one.id, one);
  }
  for (const [id, step] of Object.entries(OWN)) {
    byId.set(id, transformer(id, step));
  }
  return [...byId.values()];
}
