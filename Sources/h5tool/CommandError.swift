/// What the command itself finds wrong, and how it warns.

/// One sentence for the user.
struct CommandError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Says something on standard error that does not stop the command.
func warn(_ text: String) {
  StandardStreams.complain("Warning: \(text.shownOnOneLine)")
}
