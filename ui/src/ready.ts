/** Says on the document when all that is to be drawn is drawn, for those who take pictures. */

interface Work {
  done: boolean;
  failed: boolean;
  /** False for a part of a panel: it is waited for and not counted. */
  counted?: boolean;
}

const panels = new Map<string, Work>();
let pageIsComplete = false;
let scheduled = 0;

function update() {
  const root = document.documentElement;
  const all = [...panels.values()];
  root.dataset.panels = String(all.filter((p) => p.counted !== false).length);
  root.dataset.failed = String(all.filter((p) => p.failed).length);
  const ready = pageIsComplete && all.every((p) => p.done);
  if (!ready) {
    root.dataset.ready = 'false';
    scheduled++;
    return;
  }
  // two frames: one in which React's last commit is painted, one in which canvases drawn by its effects are
  const mine = ++scheduled;
  void document.fonts.ready.then(() =>
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (mine === scheduled) {
          root.dataset.ready = 'true';
        }
      })
    )
  );
}

/** Whether all that was asked for has come. */
export function isIdle(): boolean {
  return pageIsComplete && [...panels.values()].every((p) => p.done);
}

export function setPageComplete(complete: boolean): void {
  pageIsComplete = complete;
  update();
}

export function setPanelWork(key: string, work: Work | undefined): void {
  if (work) {
    panels.set(key, work);
  } else {
    panels.delete(key);
  }
  update();
}
