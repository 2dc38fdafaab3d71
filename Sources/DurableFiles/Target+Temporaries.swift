/// Temporary files beside the target, `.NAME.PID-RANDOM.tmp`: the process's number tells whether
/// its owner still runs, and the owner holds a lock on it, which tells it to machines and containers
/// that number their processes apart.
extension Target {
  /// The target's name, cut where the temporary's name would be longer than a file system allows.
  private var prefix: String {
    var stem = name
    while stem.utf8.count > 200 { stem.removeLast() }
    return ".\(stem)."
  }

  private func temporaryName() -> String {
    let digits = String(UInt32.random(in: .min ... .max), radix: 16)
    return "\(directory)\(prefix)\(ownProcess())-\(digits).tmp"
  }

  /// Creates a temporary file that will have the permissions of the target.
  func createTemporary() throws(DurableFileError) -> (String, FileDescriptor) {
    let location = temporaryName()
    let descriptor = try attempt(.create) {
      createFile(location, permissions: existing == nil ? 0o666 : 0o600)
    }
    _ = lockFile(descriptor)
    guard let existing else { return (location, descriptor) }
    do {
      // Only the superuser may give a file away: failure leaves it with the one who writes it.
      _ = changeOwner(descriptor, user: existing.user, group: existing.group)
      try attempt(.setPermissions) { changePermissions(descriptor, existing.permissions) }
    } catch {
      _ = closeFile(descriptor)
      _ = removeFile(location)
      throw error
    }
    return (location, descriptor)
  }

  /// Renames a finished temporary over the target and makes that last. Throws with the old content
  /// in place.
  func take(_ temporary: String) throws(DurableFileError) {
    let directoryDescriptor = try attempt(.openDirectory) { openDirectory(directory) }
    defer { _ = closeFile(directoryDescriptor) }
    // A second name for the old content, so that a failure after the renaming can be undone. A file
    // system without hard links goes without.
    let backup = temporaryName()
    let hasBackup = existing != nil && linkFile(location, backup) == 0
    do {
      try attempt(.rename) { renameFile(temporary, location) }
    } catch {
      if hasBackup { _ = removeFile(backup) }
      throw error
    }
    do {
      try attempt(.synchroniseDirectory) { synchroniseDirectory(directoryDescriptor) }
    } catch {
      if hasBackup {
        _ = renameFile(backup, location)
      } else if existing == nil {
        _ = removeFile(location)
      }
      throw error
    }
    if hasBackup { _ = removeFile(backup) }
  }

  /// Removes what processes that were killed have left. Failures do not matter to the write.
  func removeStaleTemporaries() {
    for entry in entries(of: directory) {
      guard entry.hasPrefix(prefix), entry.hasSuffix(".tmp") else { continue }
      let parts = entry.dropFirst(prefix.count).dropLast(4).split(separator: "-")
      guard parts.count == 2, let process = Int32(parts[0]), process > 0,
        UInt32(parts[1], radix: 16) != nil, !isRunning(process)
      else { continue }
      removeUnlessLocked(directory + entry)
    }
  }
}
