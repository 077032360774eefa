/** Grafana's transformations: those of @grafana/data, and those that only its application has. */
import { type DataTransformerInfo, standardTransformers } from '@grafana/data';

export function allTransformers(): DataTransformerInfo[] {
  const byId = new Map<string, DataTransformerInfo>();
  for (const transformer of Object.values(standardTransformers) as DataTransformerInfo[]) {
    byId.set(transformer.id, transformer);
  }
  return [...byId.values()];
}
