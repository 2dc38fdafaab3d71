#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension ArchiveError: CustomStringConvertible {
  /// One sentence: where, what was expected, what was found, what to do.
  public var description: String {
    let place = entry.map { "\(path), entry \"\($0)\"" } ?? path
    return "\(place): \(sentence)"
  }

  private var sentence: String {
    switch kind {
    case .cannotOpen(let code):
      "cannot open the file: \(systemMessage(code))."
    case .cannotRead(let code):
      "cannot read the file: \(systemMessage(code))."
    case .notRegularFile:
      "this is not a regular file; give the name of a zip archive."
    case .notZip:
      "this is not a zip archive, or its end is missing; make or download it again."
    case .multipleDisks:
      "the archive is split over several files; join it to one."
    case .misplacedDirectory:
      "the directory of the archive is not where its end says; make or download it again."
    case .damagedDirectory(let offset):
      "the directory of the archive is damaged at byte \(offset); make or download it again."
    case .tooManyEntries(let count, let limit):
      "the archive has \(count) entries, and at most \(limit) are read."
    case .directoryTooLarge(let size, let limit):
      "the directory of the archive has \(size) bytes, and at most \(limit) are read."
    case .duplicateName:
      "this name occurs twice in the archive; make it again with each name once."
    case .unsafeName(let fault):
      "the name \(fault.words); a name must be a relative path of UTF-8."
    case .encrypted:
      "the entry is encrypted; make the archive without a password."
    case .unsupportedMethod(let method):
      "the entry is compressed by method \(method); only 0 (stored) and 8 (deflate) are read."
    case .damagedHeader(let offset):
      "the entry's header at byte \(offset) is damaged; make or download the archive again."
    case .headersDisagree(let field):
      "the entry's header and the directory give a different \(field.rawValue); make or download "
        + "the archive again."
    case .beyondData:
      "the entry reaches beyond the part of the file that holds content; make or download the "
        + "archive again."
    case .overlap(let other):
      "the entry shares bytes with \"\(other)\", as only a forged archive does."
    case .storedSizes(let size, let compressed):
      "the entry is stored as it is, yet has \(size) bytes in \(compressed) of the file."
    case .inflatedTooLarge(let size, let limit):
      "the entry inflates to \(size) bytes, and at most \(limit) are read."
    case .ratioTooHigh(let size, let compressed, let limit):
      "\(compressed) bytes are to inflate to \(size), and deflate gives at most \(limit) for one."
    case .noEntry(let entries):
      "there is no such entry; the archive has "
        + (entries.isEmpty
          ? "none."
          : entries.prefix(10).joined(separator: ", ")
            + (entries.count > 10 ? " and \(entries.count - 10) more." : "."))
    case .wrongChecksum:
      "the content does not have the checksum it was stored with; make or download the archive "
        + "again."
    case .wrongSize(let expected, let found):
      "the content has \(found) bytes or more where \(expected) are declared; make or download "
        + "the archive again."
    case .inflate(let reason):
      "the content cannot be inflated: \(reason); make or download the archive again."
    }
  }

  private func systemMessage(_ code: Int32) -> String {
    // SAFETY: the text of a known error is a constant, that of an unknown one the thread's own.
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
  }
}

extension ArchiveError.NameFault {
  fileprivate var words: String {
    switch self {
    case .empty: "is empty"
    case .absolute: "is an absolute path"
    case .parentFolder: "leads out of its folder by \"..\""
    case .backslash: "contains a backslash"
    case .nul: "contains NUL"
    case .notUTF8: "is not UTF-8"
    }
  }
}
