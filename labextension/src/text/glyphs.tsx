import type { ReactElement, ReactNode } from 'react';

/** An icon as JupyterLab's are drawn. Those below need none of JupyterLab. */
export interface Glyph {
  readonly react: (shape: { tag: 'span'; elementSize: 'normal' }) => ReactNode;
}

function glyph(path: string): Glyph {
  return {
    react: function Drawn(): ReactElement {
      return (
        <span className="jp-Tfs-glyph">
          <svg viewBox="0 0 24 24" width="16" height="16" aria-hidden="true">
            <path d={path} fill="currentColor" />
          </svg>
        </span>
      );
    }
  };
}

/** Two sheets. */
export const copyGlyph = glyph(
  'M4 2h11v2H5v12H3V3a1 1 0 0 1 1-1zm4 4h12a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1zm1 2v12h10V8z'
);

/** A tick: it is done. */
export const doneGlyph = glyph(
  'M9.500 15.700l9.300-9.300 1.400 1.400L9.500 18.500l-5.700-5.700 1.400-1.400z'
);

/** An arrow down to a line. */
export const downloadGlyph = glyph(
  'M11 3h2v9.200l3.300-3.300 1.400 1.400L12 16l-5.700-5.700 1.400-1.400 3.300 3.300zM4 19h16v2H4z'
);

/** Three dots: there is more. */
export const moreGlyph = glyph(
  'M6 10a2 2 0 1 1 0 4 2 2 0 0 1 0-4zm6 0a2 2 0 1 1 0 4 2 2 0 0 1 0-4zm6 0a2 2 0 1 1 0 4 2 2 0 0 1 0-4z'
);

/** A cross. */
export const closeGlyph = glyph(
  'M6.400 5L12 10.600 17.600 5 19 6.400 13.400 12l5.600 5.600-1.400 1.400-5.600-5.600L6.400 19 5 17.600l5.600-5.600L5 6.400z'
);
