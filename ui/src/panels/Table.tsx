import { type DataFrame, getFrameDisplayName, type SelectableValue } from '@grafana/data';
import { Select } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { useMemo, useState } from 'react';

import { NoData } from './NoData';
import type { PanelProps } from './types';

const SELECT_HEIGHT = 40;

export function Table({ frames, options, fieldConfig, width, height, range, structureRev }: PanelProps) {
  const [chosen, setChosen] = useState<number>();
  const index = Math.min(chosen ?? options.frameIndex ?? 0, Math.max(0, frames.length - 1));
  const frame: DataFrame | undefined = frames[index];
  const names = useMemo(
    () => frames.map((f, i): SelectableValue<number> => ({ value: i, label: getFrameDisplayName(f, i) })),
    [frames]
  );
  if (!frame || frame.fields.length === 0) {
    return <NoData>{fieldConfig.defaults.noValue ?? 'No data'}</NoData>;
  }
  const several = frames.length > 1;
  return (
    <>
      <TableNG
        key={index}
        data={frame}
        width={width}
        height={several ? height - SELECT_HEIGHT : height}
        noHeader={!options.showHeader}
        showTypeIcons={options.showTypeIcons}
        resizable={true}
        sortBy={options.sortBy}
        cellHeight={options.cellHeight}
        maxRowHeight={options.maxRowHeight}
        enablePagination={options.enablePagination ?? options.footer?.enablePagination}
        frozenColumns={options.frozenColumns?.left}
        fieldConfig={fieldConfig}
        noValue={fieldConfig.defaults.noValue}
        structureRev={structureRev}
        timeRange={range}
        transparent={false}
        disableSanitizeHtml={false}
      />
      {several && (
        <div style={{ padding: '4px 8px' }}>
          <Select aria-label="Frame" options={names} value={index} onChange={(v) => setChosen(v.value)} menuShouldPortal={true} />
        </div>
      )}
    </>
  );
}
