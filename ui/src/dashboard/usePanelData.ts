/** A panel's data: asked of the server when it is seen, and anew when what it depends on has changed. */
import {
  applyFieldOverrides,
  cacheFieldDisplayNames,
  compareArrayValues,
  compareDataFrameStructures,
  type DataFrame,
  dataFrameFromJSON,
  DataTopic,
  type FieldConfigSource,
  FieldMatcherID,
  type ScopedVars,
  standardTransformersRegistry,
  type TimeRange,
  transformDataFrame,
} from '@grafana/data';
import { useEffect, useMemo, useRef, useState } from 'react';
import { firstValueFrom } from 'rxjs';

import type { PanelJSON, QueryAnswer, QueryRequest, VariableValues } from '../contract';
import type { LoadedPanel } from '../grafana/plugins';
import { useDashboard } from './context';
import { referredTo } from './interpolate';
import type { PlacedPanel } from './layout';
import { panelRange } from './range';

export interface PanelData {
  loading: boolean;
  request?: QueryRequest;
  answer?: QueryAnswer;
  /** The range that the answer is of. */
  range: TimeRange;
  rangeInfo?: string;
  /** As the panel draws them: transformed, with field config applied. */
  frames: DataFrame[];
  errors: string[];
  structureRev: number;
  cancel: () => void;
}

const NEEDS_NO_QUERY = new Set(['text', 'alertlist', 'dashlist', 'news', 'row']);

/** Values of the variables that a panel refers to: others may change without it. */
function usedValues(panel: PanelJSON, values: VariableValues): VariableValues {
  const names = referredTo(JSON.stringify(panel));
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));
}

export function errorsOf(answer: QueryAnswer): string[] {
  return Object.values(answer.results).flatMap((r) => (r.error ? [r.error] : []));
}

interface Fetched {
  request: QueryRequest;
  answer: QueryAnswer;
  range: TimeRange;
  series: DataFrame[];
  errors: string[];
}

/** One that the preview can't do: the panel shows its data without it, and says so. */
class UnknownTransformation extends Error {
  constructor(
    id: string,
    readonly series: DataFrame[]
  ) {
    super(`the preview does not know ${id}; the data are shown as they came`);
  }
}

async function transformed(panel: PanelJSON, answer: QueryAnswer, replace: (text: string) => string): Promise<DataFrame[]> {
  const series = Object.values(answer.results).flatMap((r) =>
    (r.frames ?? []).map((json) => {
      const frame = dataFrameFromJSON(json);
      frame.refId ??= r.refId;
      return frame;
    })
  );
  const used = panel.transformations?.filter((t) => !t.disabled && t.topic !== DataTopic.Annotations);
  if (!used?.length) {
    return series;
  }
  const unknown = used.find((t) => !standardTransformersRegistry.getIfExists(t.id));
  if (unknown) {
    throw new UnknownTransformation(unknown.id, series);
  }
  return firstValueFrom(transformDataFrame(used, series, { interpolate: replace }));
}

function useFetched(placed: PlacedPanel, width: number, visible: boolean) {
  const { client, uid, range, clock, tick, values, timeZone, replace } = useDashboard();
  const { panel, scoped } = placed;
  const own = useMemo(() => panelRange(panel, range, clock), [panel, range, clock]);
  const [fetched, setFetched] = useState<Fetched>();
  const [failure, setFailure] = useState<string>();
  const [loading, setLoading] = useState(false);
  const done = useRef('');
  const abort = useRef<AbortController>(null);
  const used = JSON.stringify(usedValues(panel, values));
  const needed = !NEEDS_NO_QUERY.has(panel.type) && (panel.targets?.length ?? 0) > 0;
  // the panel itself is part of it: a panel whose spec has not changed keeps its identity
  const identity = useIdentity(panel);
  const wanted = JSON.stringify([uid, identity, own.range.from.valueOf(), own.range.to.valueOf(), used, scoped, timeZone, tick]);

  useEffect(() => {
    if (!needed || !visible || width <= 0 || done.current === wanted) {
      return;
    }
    done.current = wanted;
    abort.current?.abort();
    const controller = (abort.current = new AbortController());
    const raw = own.range.raw;
    const text = (v: TimeRange['raw']['from']) => (typeof v === 'string' ? v : String(v.valueOf()));
    const request: QueryRequest = {
      uid,
      panelId: panel.id,
      from: own.range.from.valueOf(),
      to: own.range.to.valueOf(),
      range: { from: text(raw.from), to: text(raw.to) },
      maxDataPoints: panel.maxDataPoints ?? Math.floor(width),
      width: Math.floor(width),
      scopedVars: Object.fromEntries(Object.entries(scoped).map(([k, v]) => [k, v.value])),
      variables: values,
      timezone: timeZone,
    };
    setLoading(true);
    const run = async () => {
      const answer = await client.query(request, controller.signal);
      const errors = errorsOf(answer);
      let series: DataFrame[] = [];
      try {
        series = await transformed(panel, answer, (t) => replace(t, scoped as ScopedVars));
      } catch (error) {
        errors.push(`Transformation: ${error instanceof Error ? error.message : String(error)}`);
        series = error instanceof UnknownTransformation ? error.series : [];
      }
      if (!controller.signal.aborted) {
        setFetched({ request, answer, range: own.range, series, errors });
        setFailure(undefined);
        setLoading(false);
      }
    };
    run().catch((error: unknown) => {
      if (!controller.signal.aborted) {
        setFailure(error instanceof Error ? error.message : String(error));
        setLoading(false);
      }
    });
  }, [wanted, visible, width > 0, needed]);
  useEffect(() => () => abort.current?.abort(), []);

  const cancel = () => {
    abort.current?.abort();
    setFailure((before) => (fetched ? before : 'The query was cancelled'));
    setLoading(false);
  };
  const pending = needed && (loading || done.current !== wanted || (!fetched && !failure));
  return { own, fetched, failure, pending, loading, cancel };
}

const identities = new WeakMap<PanelJSON, number>();
let next = 0;

function useIdentity(panel: PanelJSON): number {
  let id = identities.get(panel);
  if (id === undefined) {
    identities.set(panel, (id = ++next));
  }
  return id;
}

/** Hides all series but the given ones, as a click in the legend does. */
export function withOnly(fieldConfig: FieldConfigSource, names: string[] | null): FieldConfigSource {
  if (!names) {
    return fieldConfig;
  }
  const rule = {
    matcher: { id: FieldMatcherID.byNames, options: { mode: 'exclude', names, readOnly: true } },
    properties: [{ id: 'custom.hideFrom', value: { viz: true, legend: false, tooltip: true } }],
  };
  return { ...fieldConfig, overrides: [...fieldConfig.overrides, rule] };
}

export function usePanelData(placed: PlacedPanel, loaded: LoadedPanel, width: number, visible: boolean, only: string[] | null): PanelData & { pending: boolean } {
  const { theme, timeZone, replace } = useDashboard();
  const { own, fetched, failure, pending, loading, cancel } = useFetched(placed, width, visible);
  const revision = useRef({ series: [] as DataFrame[], count: 1 });
  const scoped = JSON.stringify(placed.scoped);

  const frames = useMemo(() => {
    if (!fetched) {
      return [];
    }
    const out = applyFieldOverrides({
      // fields carry state of their last use
      data: fetched.series.map((frame) => ({ ...frame, fields: frame.fields.map((f) => ({ ...f, state: undefined })) })),
      fieldConfig: withOnly(loaded.fieldConfig, only),
      fieldConfigRegistry: loaded.plugin.fieldConfigRegistry,
      replaceVariables: (text, vars, format) => replace(text, { ...(placed.scoped as ScopedVars), ...vars }, format),
      theme,
      timeZone,
    });
    cacheFieldDisplayNames(out);
    return out;
  }, [fetched, loaded, theme, timeZone, only, replace, scoped]);

  if (!compareArrayValues(revision.current.series, frames, compareDataFrameStructures)) {
    revision.current = { series: frames, count: revision.current.count + 1 };
  }
  return {
    pending,
    loading,
    request: fetched?.request,
    answer: fetched?.answer,
    range: fetched?.range ?? own.range,
    rangeInfo: own.info,
    frames,
    errors: failure ? [failure] : (fetched?.errors ?? []),
    structureRev: revision.current.count,
    cancel,
  };
}
