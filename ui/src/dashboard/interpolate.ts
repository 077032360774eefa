/** Variables in texts and links, as Grafana's dashboards replace them. What a query reads is replaced by the server. */
import {
  type DataFrame,
  type Field,
  formattedValueToString,
  getDisplayProcessor,
  getFieldDisplayName,
  type InterpolateFunction,
  type ScopedVars,
  textUtil,
  type TimeRange,
} from '@grafana/data';

import type { Variable, VariableValue } from '../contract';

const REFERENCE = /\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}/g;

export interface Scope {
  variables: Variable[];
  range: TimeRange;
  dashboard: { uid: string; title: string };
  timeZone: string;
}

interface Chosen {
  value: VariableValue;
  text: VariableValue;
}

const list = (value: VariableValue): string[] => (Array.isArray(value) ? value : [value]);

/** All stands for all of its options, or for what the dashboard says that it stands for. */
export function chosen(variable: Variable): Chosen {
  const values = list(variable.current.value);
  if (!values.includes('$__all')) {
    return variable.current;
  }
  if (variable.allValue) {
    return { value: variable.allValue, text: 'All' };
  }
  const options = variable.options.filter((o) => o.value !== '$__all');
  return { value: options.map((o) => o.value), text: 'All' };
}

const quoted = (values: string[], quote: string, escaped: string) =>
  values.map((v) => quote + v.replaceAll(quote, escaped) + quote).join(',');

function format(name: string, { value, text }: Chosen, how: string): string {
  const values = list(value);
  switch (how.split(':')[0]) {
    case 'raw':
    case 'csv':
      return values.join(',');
    case 'pipe':
      return values.join('|');
    case 'text':
      return list(text).join(' + ');
    case 'json':
      return JSON.stringify(Array.isArray(value) ? value : value);
    case 'sqlstring':
      return quoted(values, "'", "''");
    case 'singlequote':
      return quoted(values, "'", "\\'");
    case 'doublequote':
      return quoted(values, '"', '\\"');
    case 'regex': {
      const escaped = values.map((v) => v.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&'));
      return escaped.length === 1 ? escaped[0] : `(${escaped.join('|')})`;
    }
    case 'queryparam':
      return values.map((v) => `var-${name}=${encodeURIComponent(v)}`).join('&');
    case 'percentencode':
      return encodeURIComponent(values.length === 1 ? values[0] : `{${values.join(',')}}`);
    case 'uriencode':
      return encodeURI(values.length === 1 ? values[0] : `{${values.join(',')}}`);
    case 'html':
      return textUtil.escapeHtml(values.join(', '));
    default:
      return values.length === 1 ? values[0] : `{${values.join(',')}}`;
  }
}

/** `now-6h` as it is, moments in milliseconds. */
export function rangeParameters(range: TimeRange): { from: string; to: string } {
  const one = (v: TimeRange['raw']['from']) => (typeof v === 'string' ? v : String(v.valueOf()));
  return { from: one(range.raw.from), to: one(range.raw.to) };
}

export function variableParameters(variables: Variable[]): Array<[string, string]> {
  return variables
    .filter((v) => v.type !== 'constant')
    .flatMap((v) => list(v.current.value).map((value): [string, string] => [`var-${v.name}`, value]));
}

function builtIn(name: string, path: string | undefined, scope: Scope): string | undefined {
  const { from, to } = rangeParameters(scope.range);
  switch (name) {
    case '__url_time_range':
      return new URLSearchParams({ from, to }).toString();
    case '__all_variables':
      return new URLSearchParams(variableParameters(scope.variables)).toString();
    case '__from':
      return String(scope.range.from.valueOf());
    case '__to':
      return String(scope.range.to.valueOf());
    case '__timezone':
      return scope.timeZone;
    case '__dashboard':
      return path === 'uid' ? scope.dashboard.uid : scope.dashboard.title;
    case '__org':
      return path === 'name' ? 'Main Org.' : '1';
  }
  return undefined;
}

interface DataContext {
  data?: DataFrame[];
  frame: DataFrame;
  field: Field;
  rowIndex?: number;
  calculatedValue?: { text: string; numeric: number; title?: string };
}

/** `.name` or `["a name"]` or `[3]` of a path. */
function key(path: string, after: string): string {
  const rest = path.slice(after.length);
  const bracket = /^\[\s*["']?(.*?)["']?\s*\]/.exec(rest);
  return bracket ? bracket[1] : rest.replace(/^\./, '').split('.')[0];
}

function ofData(path: string, context: DataContext): string | undefined {
  const { frame, rowIndex, data } = context;
  if (path === 'name') {
    return frame.name ?? '';
  }
  if (path === 'refId') {
    return frame.refId ?? '';
  }
  if (!path.startsWith('fields') || rowIndex === undefined) {
    return undefined;
  }
  const name = key(path, 'fields');
  const field = frame.fields.find((f) => getFieldDisplayName(f, frame, data) === name || f.name === name) ?? frame.fields[Number(name)];
  if (!field) {
    return '';
  }
  const value: unknown = field.values[rowIndex];
  const shown = (field.display ?? getDisplayProcessor({ field, theme: undefined as never }))(value);
  if (path.endsWith('.numeric')) {
    return String(shown.numeric);
  }
  return path.endsWith('.text') ? shown.text : formattedValueToString(shown);
}

function ofContext(name: string, path: string, context: DataContext): string | undefined {
  const { field, frame, data, rowIndex, calculatedValue } = context;
  switch (name) {
    case '__series':
      return path === 'name' || !path ? (frame.name ?? getFieldDisplayName(field, frame, data)) : undefined;
    case '__field':
      if (path.startsWith('labels')) {
        return field.labels?.[key(path, 'labels')] ?? '';
      }
      return path === 'displayName' || !path ? getFieldDisplayName(field, frame, data) : path === 'name' ? field.name : undefined;
    case '__data':
      return ofData(path, context);
    case '__value': {
      if (path === 'time') {
        const time = frame.fields.find((f) => f.type === 'time');
        return rowIndex === undefined || !time ? '' : String(time.values[rowIndex]);
      }
      if (calculatedValue && rowIndex === undefined) {
        return path === 'text' ? formattedValueToString(calculatedValue) : String(calculatedValue.numeric);
      }
      const value: unknown = rowIndex === undefined ? undefined : field.values[rowIndex];
      return path === 'text' && field.display ? formattedValueToString(field.display(value)) : String(value ?? '');
    }
  }
  return undefined;
}

/** Replaces what it knows and leaves the rest as it stands. */
export function interpolator(scope: Scope): InterpolateFunction {
  const known = new Map(scope.variables.map((v) => [v.name, v]));
  return (text, scopedVars?: ScopedVars, how?: string | Function) => {
    if (typeof text !== 'string' || !(text.includes('$') || text.includes('[['))) {
      return text ?? '';
    }
    return text.replace(REFERENCE, (whole, bare, old, oldFormat, braced, path, asked) => {
      const name = (bare ?? old ?? braced) as string;
      const fallback = typeof how === 'string' ? how : 'glob';
      const wanted = (asked ?? oldFormat ?? fallback) as string;
      const context = scopedVars?.__dataContext?.value as DataContext | undefined;
      const fromContext = context && ofContext(name, path ?? '', context);
      if (fromContext !== undefined) {
        // a link's values are encoded, its addresses are not
        return how === 'uriencode' && !asked ? encodeURIComponent(fromContext) : format(name, { value: fromContext, text: fromContext }, wanted);
      }
      const scoped = scopedVars?.[name];
      if (scoped) {
        return format(name, { value: scoped.value as VariableValue, text: (scoped.text ?? scoped.value) as VariableValue }, wanted);
      }
      const fixed = builtIn(name, path, scope);
      if (fixed !== undefined) {
        return fixed;
      }
      const variable = known.get(name);
      return variable ? format(name, chosen(variable), wanted) : (whole as string);
    });
  };
}

/** Names of variables that a text refers to. */
export function referredTo(text: string): Set<string> {
  return new Set([...text.matchAll(REFERENCE)].map((m) => m[1] ?? m[2] ?? m[4]));
}
