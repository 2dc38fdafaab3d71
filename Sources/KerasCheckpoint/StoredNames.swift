/// Lists of names in attributes, and names as places in a file.
enum StoredNames {
  /// How deep the slashes of a name may lead; Keras's own lead below ten.
  private static let depthLimit = 32

  /// Whether a name can be a path of groups: no empty part, and none that means another place.
  static func isUsable(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count <= depthLimit
      && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) }
  }

  /// What a reference to a string of variable length takes in an attribute.
  private static let referenceSize = 16

  /// A list in the parts of numpy's `array_split`: as few as leave each below the limit when all
  /// names take the space of the longest; the first parts have one name more. Keras tries one part
  /// even where its references do not fit, and fails.
  static func parts(of list: [String], longest: Int) -> [ArraySlice<String>] {
    let perPart = max(1, LegacyLayout.attributeLimit / max(1, longest))
    var count = list.count * referenceSize > LegacyLayout.attributeLimit ? 2 : 1
    while (list.count + count - 1) / count > perPart { count += 1 }
    let (size, extra) = list.count.quotientAndRemainder(dividingBy: count)
    var parts: [ArraySlice<String>] = []
    var start = 0
    for part in 0..<count {
      let end = start + size + (part < extra ? 1 : 0)
      parts.append(list[start..<end])
      start = end
    }
    return parts
  }
}
