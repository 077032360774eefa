import { type DataFrame, type Field, FieldType, getDisplayProcessor, type GrafanaTheme2 } from '@grafana/data';

const counts = (field: Field) => field.type === FieldType.number || field.type === FieldType.boolean || field.type === FieldType.enum;

/** Colours of the palette in the order of the fields that are drawn: texts and the field of the x axis take none. */
export function paletteByDrawn(frames: DataFrame[], theme: GrafanaTheme2, timeZone: string, x?: Field): DataFrame[] {
  let index = 0;
  return frames.map((frame) => ({
    ...frame,
    fields: frame.fields.map((field) => {
      if (field === x || !counts(field)) {
        return field;
      }
      const seriesIndex = index++;
      if (field.state?.seriesIndex === seriesIndex) {
        return field;
      }
      const out = { ...field, state: { ...field.state, seriesIndex } };
      out.display = getDisplayProcessor({ field: out, theme, timeZone });
      return out;
    }),
  }));
}
