import { type DataFrame, type Field, FieldType, formattedValueToString, getFieldDisplayName, type LinkModel } from '@grafana/data';
import type { SortOrder, TooltipDisplayMode } from '@grafana/schema';
import {
  getFieldDisplayItems,
  getFieldDisplayLinks,
  isTooltipScrollable,
  VizTooltipContent,
  VizTooltipFooter,
  VizTooltipHeader,
  VizTooltipWrapper,
} from '@grafana/ui';

interface Props {
  /** The frame that the chart draws: its first field is the x axis. */
  frame: DataFrame;
  dataIdxs: Array<number | null>;
  seriesIdx: number | null;
  mode: TooltipDisplayMode;
  sort: SortOrder;
  hideZeros?: boolean;
  maxHeight?: number;
  isPinned: boolean;
  dataLinks: LinkModel[];
}

export function linksOf(field: Field | undefined, row: number | null): LinkModel[] {
  return field && row != null ? getFieldDisplayLinks(field, row) : [];
}

export function SeriesTooltip({ frame, dataIdxs, seriesIdx, mode, sort, hideZeros, maxHeight, isPinned, dataLinks }: Props) {
  const x = frame.fields[0];
  const row = dataIdxs[0] ?? dataIdxs.find((i) => i != null) ?? null;
  const value: unknown = row == null ? null : x.values[row];
  const shown = x.display ? formattedValueToString(x.display(value)) : String(value);
  const items = getFieldDisplayItems(
    frame.fields,
    x,
    dataIdxs,
    seriesIdx,
    mode,
    sort,
    (f) => f.type === FieldType.number || f.type === FieldType.enum || f.type === FieldType.string || f.type === FieldType.boolean,
    hideZeros
  );
  const label = x.type === FieldType.time ? '' : getFieldDisplayName(x, frame);
  return (
    <VizTooltipWrapper>
      <VizTooltipHeader item={{ label, value: shown }} isPinned={isPinned} />
      <VizTooltipContent items={items} isPinned={isPinned} scrollable={isTooltipScrollable({ mode, maxHeight })} maxHeight={maxHeight} />
      {(isPinned || dataLinks.some((l) => l.oneClick)) && <VizTooltipFooter dataLinks={dataLinks as never} />}
    </VizTooltipWrapper>
  );
}
