import type { FieldConfigSource } from '@grafana/data';

interface Footer {
  show?: boolean;
  reducer?: string[];
  countRows?: boolean;
  fields?: string[] | string;
}

/** Before Grafana 12.2 a table's footer stood in its options; since then each field has its own. */
export function withFooter(fieldConfig: FieldConfigSource, footer: Footer | undefined): FieldConfigSource {
  const reducers = footer?.countRows ? ['countAll'] : footer?.reducer;
  if (!footer?.show || !reducers?.length) {
    return fieldConfig;
  }
  const fields = typeof footer.fields === 'string' ? [footer.fields] : footer.fields?.filter(Boolean);
  const value = { reducers };
  if (fields?.length) {
    const rules = fields.map((name) => ({ matcher: { id: 'byName', options: name }, properties: [{ id: 'custom.footer', value }] }));
    return { ...fieldConfig, overrides: [...fieldConfig.overrides, ...rules] };
  }
  const custom = { ...(fieldConfig.defaults.custom as object), footer: value };
  return { ...fieldConfig, defaults: { ...fieldConfig.defaults, custom } };
}
