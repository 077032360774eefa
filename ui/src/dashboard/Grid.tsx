/** The grid of panels under their rows. */
import { css } from '@emotion/css';
import type { GrafanaTheme2, InterpolateFunction, ScopedVars } from '@grafana/data';
import { Icon, useStyles2 } from '@grafana/ui';
import { useLayoutEffect, useRef, useState } from 'react';

import { bottom, type PlacedPanel, type Section } from './layout';
import { PanelFrame } from './PanelFrame';

const COLUMNS = 24;
const CELL = 30;
const GAP = 8;
/** Below this width of the page each panel has a line of its own. */
const NARROW = 769;

const pixels = (cells: number) => cells * CELL + (cells - 1) * GAP;

const getStyles = (theme: GrafanaTheme2) => ({
  row: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(1),
    height: CELL,
    marginBottom: GAP,
    padding: 0,
    border: 'none',
    background: 'transparent',
    color: theme.colors.text.primary,
    fontSize: theme.typography.h5.fontSize,
    fontWeight: theme.typography.fontWeightMedium,
    cursor: 'pointer',
    width: '100%',
    textAlign: 'left',
  }),
  count: css({ color: theme.colors.text.secondary, fontSize: theme.typography.bodySmall.fontSize, fontWeight: 'normal' }),
});

function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) {
      return;
    }
    setWidth(element.clientWidth);
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, width };
}

function Panels({ panels, width }: { panels: PlacedPanel[]; width: number }) {
  if (width < NARROW) {
    const order = [...panels].sort((a, b) => a.pos.y - b.pos.y || a.pos.x - b.pos.x);
    return order.map((p) => (
      <div key={p.key} style={{ height: pixels(p.pos.h), marginBottom: GAP }}>
        <PanelFrame placed={p} />
      </div>
    ));
  }
  const column = (width - GAP * (COLUMNS - 1)) / COLUMNS;
  const place = ({ pos }: PlacedPanel): React.CSSProperties => ({
    position: 'absolute',
    left: Math.round(pos.x * (column + GAP)),
    top: pos.y * (CELL + GAP),
    width: Math.round(pos.w * column + (pos.w - 1) * GAP),
    height: pixels(pos.h),
  });
  return (
    <div style={{ position: 'relative', height: bottom(panels) * (CELL + GAP) }}>
      {panels.map((p) => (
        <div key={p.key} style={place(p)}>
          <PanelFrame placed={p} />
        </div>
      ))}
    </div>
  );
}

interface Props {
  sections: Section[];
  replace: InterpolateFunction;
  onToggle: (key: string, collapsed: boolean) => void;
}

export function Grid({ sections, replace, onToggle }: Props) {
  const styles = useStyles2(getStyles);
  const { ref, width } = useWidth();
  return (
    <div ref={ref}>
      {width > 0 &&
        sections.map(({ key, row, scoped, panels }) => (
          <div key={key} data-row={row?.title}>
            {row && (
              <button type="button" className={styles.row} aria-expanded={!row.collapsed} onClick={() => onToggle(key, !row.collapsed)}>
                <Icon name={row.collapsed ? 'angle-right' : 'angle-down'} />
                <span>{replace(row.title, scoped as ScopedVars)}</span>
                {row.collapsed && <span className={styles.count}>{`(${row.panels} ${row.panels === 1 ? 'panel' : 'panels'})`}</span>}
              </button>
            )}
            <Panels panels={panels} width={width} />
          </div>
        ))}
    </div>
  );
}
