import type { FieldConfigSource } from '@grafana/data';

interface Footer {
  show?: boolean;
  reducer?: string[];
  countRows?: boolean;
  fields?: string[] | string;
}

/** What the plugin of Grafana before 12.2 fills in (`table/module.tsx`, read). */
const SUM = ['sum'];

/** Before Grafana 12.2 a table's footer stood in its options; since then each field has its own. */
export function withFooter(fieldConfig: FieldConfigSource, footer: Footer | undefined): FieldConfigSource {
  const reducers = footer?.countRows ? ['countAll'] : (footer?.reducer ?? SUM);
  if (!footer?.show || !reducers?.length) {
    return fieldConfig;
  }
  const fields = (typeof footer.fields === 'string' ? [footer.fields] : footer.fields)?.filter(Boolean);
  const value = { reducers };
  if (fields?.length) {
    const rules = fields.map((name) => ({ matcher: { id: 'byName', options: name }, properties: [{ id: 'custom.footer', value }] }));
    return { ...fieldConfig, overrides: [...fieldConfig.overrides, ...rules] };
  }
  const custom = { ...(fieldConfig.defaults.custom as object), footer: value };
  return { ...fieldConfig, defaults: { ...fieldConfig.defaults, custom } };
}

/** Before Grafana 12.2 a column was left out by `hidden`; since then by `hideFrom`. */
export function withHiddenColumns(fieldConfig: FieldConfigSource): FieldConfigSource {
  const custom = fieldConfig.defaults.custom as { hidden?: boolean } | undefined;
  const defaults = custom?.hidden ? { ...fieldConfig.defaults, custom: { ...custom, hideFrom: { viz: true } } } : fieldConfig.defaults;
  const overrides = fieldConfig.overrides.map((rule) => ({
    ...rule,
    properties: rule.properties.map((one) =>
      one.id === 'custom.hidden' ? { id: 'custom.hideFrom', value: { viz: Boolean(one.value) } } : one
    ),
  }));
  return { ...fieldConfig, defaults, overrides };
}
