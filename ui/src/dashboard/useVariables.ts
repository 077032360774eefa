/** The dashboard's variables, resolved by the server: at first, after a choice, and when the range changes what they hold. */
import type { TimeRange } from '@grafana/data';
import { useEffect, useRef, useState } from 'react';

import type { Client } from '../client';
import type { DashboardJSON, Variable, VariableValue, VariableValues } from '../contract';
import { setParameters } from './location';

const ON_TIME_RANGE = 2;

export function valuesOf(variables: Variable[]): VariableValues {
  return Object.fromEntries(variables.map((v) => [v.name, v.current.value]));
}

/** What the address says of the dashboard's variables. `All` means all values, as Grafana reads it. */
function fromAddress(given: VariableValues, dashboard: DashboardJSON): VariableValues {
  const out: VariableValues = {};
  for (const { name, includeAll } of dashboard.templating?.list ?? []) {
    if (name in given) {
      const value = given[name];
      const isAll = includeAll && (Array.isArray(value) ? value.includes('All') : value === 'All');
      out[name] = isAll ? '$__all' : value;
    }
  }
  return out;
}

/** An address tells no list of one from a single value. */
const same = (a: VariableValue | undefined, b: VariableValue | undefined) => JSON.stringify([a].flat()) === JSON.stringify([b].flat());

export interface ResolvedVariables {
  variables: Variable[] | undefined;
  /** Whether they are those of the address and the range. */
  settled: boolean;
  error?: string;
  choose: (name: string, value: VariableValue) => void;
}

export function useVariables(client: Client, uid: string, dashboard: DashboardJSON | undefined, address: VariableValues, range: TimeRange | undefined): ResolvedVariables {
  const [variables, setVariables] = useState<Variable[]>();
  const [error, setError] = useState<string>();
  const resolved = useRef({ of: '', values: {} as VariableValues });
  const list = dashboard?.templating?.list;
  const specs = JSON.stringify(list);
  const given = JSON.stringify(dashboard ? fromAddress(address, dashboard) : {});
  const byRange = list?.some((v) => v.refresh === ON_TIME_RANGE || v.type === 'interval');
  const span = byRange && range ? `${range.from.valueOf()}/${range.to.valueOf()}` : '';

  const of = JSON.stringify([specs, span]);
  const { values } = resolved.current;
  const wanted = JSON.parse(given) as VariableValues;
  const isKnown = of === resolved.current.of && Object.entries(wanted).every(([name, value]) => same(value, values[name]));

  useEffect(() => {
    if (!dashboard || !range) {
      return;
    }
    if (!list?.length) {
      setVariables([]);
      return;
    }
    if (isKnown) {
      return;
    }
    const controller = new AbortController();
    const request = { uid, variables: { ...values, ...wanted }, from: range.from.valueOf(), to: range.to.valueOf() };
    client.variables(request, controller.signal).then(
      (answer) => {
        if (controller.signal.aborted) {
          return;
        }
        const now = valuesOf(answer.variables);
        resolved.current = { of, values: now };
        setVariables(answer.variables);
        setError(undefined);
        // a choice that the data no longer offer gave way to another
        const stale = Object.keys(wanted).filter((name) => name in now && !same(wanted[name], now[name]));
        if (stale.length) {
          setParameters(Object.fromEntries(stale.map((name) => [`var-${name}`, now[name]])), 'replace');
        }
      },
      (e: unknown) => {
        if (!controller.signal.aborted) {
          setError(e instanceof Error ? e.message : String(e));
          setVariables((before) => before ?? []);
        }
      }
    );
    return () => controller.abort();
  }, [client, uid, specs, given, span, Boolean(range)]);

  const choose = (name: string, value: VariableValue) => setParameters({ [`var-${name}`]: value });
  return { variables, settled: !list?.length || error !== undefined || isKnown, error, choose };
}
