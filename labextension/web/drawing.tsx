import type { ReactElement } from 'react';

const PATHS = {
  logo: 'M12 1.500l9 5.200v10.600l-9 5.200-9-5.200V6.700zm0 2.600L6.600 7.200 12 10.300l5.400-3.100zM5.300 9v7l5.500 3.200v-7zm13.400 0l-5.500 3.200v7l5.500-3.200z',
  models:
    'M4 4h16a1 1 0 0 1 1 1v5a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zm1 2v3h14V6zm1.500.750h2v1.500h-2zM4 13h16a1 1 0 0 1 1 1v5a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1v-5a1 1 0 0 1 1-1zm1 2v3h14v-3zm1.500.750h2v1.500h-2z',
  console:
    'M4 4h16a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zm1 2v12h14V6zm2.400 2.200L11.200 12l-3.800 3.800L6 14.400 8.400 12 6 9.600zM12 14h5v2h-5z',
  charts:
    'M4 3h2v16h15v2H4zm4 11.600l3.800-4.400 3 2.700L19.500 7 21 8.300l-6 7.300-3.100-2.700L9.500 15.800z',
  sun: 'M12 7a5 5 0 1 1 0 10 5 5 0 0 1 0-10zm0 2a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM11 1h2v4h-2zm0 18h2v4h-2zM1 11h4v2H1zm18 0h4v2h-4zM4.900 3.500l2.800 2.800-1.400 1.400-2.800-2.800zm12.800 12.800l2.800 2.800-1.400 1.400-2.800-2.800zM3.500 19.100l2.800-2.800 1.400 1.400-2.800 2.800zM16.300 6.300l2.800-2.800 1.400 1.400-2.800 2.800z',
  moon: 'M10 2.500A9.800 9.800 0 1 0 21.500 14 8 8 0 0 1 10 2.500zM7.700 5.600A10 10 0 0 0 18.400 16.300 7.800 7.800 0 1 1 7.700 5.600z',
  locked:
    'M12 2a5 5 0 0 1 5 5v3h1a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V11a1 1 0 0 1 1-1h1V7a5 5 0 0 1 5-5zm0 2a3 3 0 0 0-3 3v3h6V7a3 3 0 0 0-3-3zm-5 8v8h10v-8zm4 2.500h2v3h-2z',
  open: 'M12 2a5 5 0 0 1 4.900 4h-2.100A3 3 0 0 0 9 7v3h9a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V11a1 1 0 0 1 1-1h1V7a5 5 0 0 1 5-5zm-5 10v8h10v-8zm4 2.500h2v3h-2z',
  add: 'M11 4h2v7h7v2h-7v7h-2v-7H4v-2h7z'
} as const;

/** A small picture in the colour of the text. */
export function Drawing({ name }: { readonly name: keyof typeof PATHS }): ReactElement {
  return (
    <svg className="tfs-drawing" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} fill="currentColor" />
    </svg>
  );
}
