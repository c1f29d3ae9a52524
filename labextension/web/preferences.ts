/** What a reader has chosen, kept by the browser; null if nothing is, or it keeps nothing. */
export function preference(name: string): string | null {
  try {
    return localStorage.getItem(keyOf(name));
  } catch {
    return null;
  }
}

/** Keep a choice for the next time; null forgets it. */
export function keepPreference(name: string, value: string | null): void {
  try {
    if (value === null) {
      localStorage.removeItem(keyOf(name));
    } else {
      localStorage.setItem(keyOf(name), value);
    }
  } catch {
    // A browser that keeps nothing: it holds as long as the page is open.
  }
}

function keyOf(name: string): string {
  return `tfs-notebook:${name}`;
}
