/**
 * Whether an object's `exportTo` shows it to a namespace: `*` to all, `.` to its own, a name to that one, `~` to none.
 * An absent or empty list is the mesh's default, and that is `*` unless the mesh says otherwise.
 *
 * @see istio pilot/pkg/model/push_context.go: IsServiceVisible
 */
export function isExportedTo(
  namespace: string,
  own: { readonly namespace: string; readonly exportTo?: readonly string[] },
  meshDefault: readonly string[] = [],
): boolean {
  const declared = own.exportTo ?? [];
  const list = declared.length > 0 ? declared : meshDefault;
  if (list.length === 0) return true;
  if (list.includes('*') || list.includes(namespace)) return true;
  return list.includes('.') && own.namespace === namespace;
}
