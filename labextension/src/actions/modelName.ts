/** The name of a model that nobody named: its directory's, without a version. */
export function nameOf(basePath: string): string {
  const parts = basePath.split('/').filter(part => part.trim());
  while (parts.length > 1 && /^\d+$/.test(parts[parts.length - 1] ?? '')) {
    parts.pop();
  }
  return parts[parts.length - 1]?.trim() ?? '';
}
