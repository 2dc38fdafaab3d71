/// The sentences that a user reads.
extension DatasetsError: CustomStringConvertible {
  public var description: String {
    let place = location.description
    let sentence = kind.sentence + (cause.map { " (\($0))" } ?? "")
    return place.isEmpty ? sentence : "\(place): \(sentence)"
  }
}

extension DatasetsError.Location: CustomStringConvertible {
  public var description: String {
    var parts: [String] = []
    if let file { parts.append(file) }
    if let entry { parts.append("entry \(entry)") }
    if let offset { parts.append("byte \(offset)") }
    return parts.joined(separator: ", ")
  }
}

extension DatasetsError.Kind {
  var sentence: String {
    switch self {
    case .missingFile: "there is no such file; check the path"
    case .isDirectory: "this is a folder, and a file is expected"
    case .unreadable: "the file cannot be read"
    case .missingDataset(let url):
      "the dataset is not on this machine; fetch it from \(url) and store it under this path, "
        + "or name the path where it is"

    case .notNPY(let found):
      "not a numpy .npy array: it must begin with the bytes 93 4E 55 4D 50 59, and begins with "
        + (found.isEmpty ? "nothing" : found.map(hexadecimal).joined(separator: " "))
    case .unsupportedVersion(let major, let minor):
      "version \(major).\(minor) of the .npy format is unknown; 1.0, 2.0 and 3.0 can be read"
    case .headerTooLong(let length, let limit):
      "the .npy header is said to be \(length) bytes long, and \(limit) is the limit"
    case .malformedHeader(let expected, let found):
      "the .npy header is broken: expected \(expected), found \(found)"
    case .unsupportedElements(let descr):
      "the elements are of the numpy type \(descr), which cannot be read; save booleans, integers, "
        + "float16, float32 or float64, for instance with array.astype('float32')"
    case .uncountableShape(let shape):
      "the shape \(tuple(shape)) has a negative extent or more elements than can be counted"
    case .tooManyAxes(let count, let limit):
      "the shape has \(count) axes, and numpy's limit is \(limit)"
    case .sizeMismatch(let expected, let found, let dtype, let shape):
      "\(dtype) of shape \(tuple(shape)) takes \(expected) bytes, and \(found) follow the header; "
        + "the file is cut off or damaged: save it again"
    case .truncated(let expected, let found):
      "the array ends inside its header: \(expected) bytes expected, \(found) found; "
        + "the file is cut off: save or copy it again"
    case .raggedArray:
      "the array holds lists of different lengths, and numbers of one shape are expected; pad them "
        + "with pad_sequences first"

    case .pickle(let fault):
      "the pickled object array is refused: " + fault.sentence

    case .missingArrays(let expected, let found):
      "expected the arrays \(list(expected)), found \(found.isEmpty ? "none" : list(found)); the "
        + "file must hold x and y, or x_train, y_train, x_test and y_test"
    case .unevenLabels(let x, let samples, let y, let labels):
      "\(x) has \(samples) samples and \(y) has \(labels) labels; each sample needs one label"
    case .notSequences(let name, let found):
      "\(name) is \(found), and sequences of integers that fit an int32 are expected"
    case .notLabels(let name, let found):
      "\(name) is \(found), and one label for each sample is expected"
    case .mixedLayouts:
      "x_train and x_test differ in kind: one holds lists of integers, the other an array of "
        + "numbers; save both in the same way"

    case .nothingKept(let maxlen):
      "After filtering for sequences shorter than maxlen=\(maxlen), no sequence was kept. "
        + "Increase maxlen."
    case .tokenOutOfRange(let token):
      "the token \(token) does not fit an int32 or would not after index_from is added"
    case .optionOutOfRange(let name, let value):
      "\(name) is \(value), which does not fit an int32"
    case .paddingLength(let maxlen):
      "maxlen is \(maxlen), and must be at least 1"
    case .noSequences:
      "there is no sequence to take the length from; give maxlen"
    case .tooLarge(let shape):
      "an array of shape \(tuple(shape)) is too large; lower maxlen"

    case .notWordIndex:
      #"not a word index: expected JSON of the form {"the": 1, "and": 2}"#
    case .rankOutOfRange(let word, let rank):
      "the word “\(word)” has the rank \(rank), and ranks go from 1 to \(WordIndex.highestRank)"
    }
  }
}

extension DatasetsError.PickleFault {
  var sentence: String {
    switch self {
    case .protocolUnsupported(let found):
      "it is of protocol \(found), and 2 to 5 can be read"
    case .opcode(let name):
      "the opcode \(name) does not occur in arrays of lists of integers"
    case .global(let name):
      "it asks for \(name), and only numpy's own array constructors are known; "
        + "do not trust this file"
    case .call(let name, let found):
      "\(name) is called with \(found)"
    case .truncated:
      "it ends before its STOP; the file is cut off: save or copy it again"
    case .trailingBytes(let count):
      "\(count) bytes follow its STOP"
    case .unexpected(let opcode, let expected, let found):
      "\(opcode) needs \(expected), found \(found)"
    case .unknownMemo(let index):
      "it recalls memo \(index), which was never stored"
    case .memoOrder(let found, let next):
      "it stores memo \(found), and memo \(next) is the next"
    case .integerTooWide(let bytes):
      "an integer of \(bytes) bytes does not fit an int32"
    case .integerOutOfRange(let value):
      "the integer \(value) does not fit an int32"
    case .invalidText:
      "a text is not valid UTF-8"
    case .frame(let length, let remaining):
      "a frame of \(length) bytes is declared, and \(remaining) remain"
    case .limit(let what, let limit):
      "it has more than \(limit) \(what)"
    case .rowItem(let found):
      "a list holds \(found), and only integers are read; save the rows as lists of Python "
        + "integers: np.array([list(map(int, row)) for row in rows], dtype=object)"
    case .nestedLists:
      "lists are nested more than two deep, and a list of lists of integers is expected"
    case .interleavedLists:
      "a list grows after a later one was begun, which no pickler of numpy's arrays does"
    case .elementType(let name):
      "it holds elements of the numpy type \(name), and object arrays of lists are expected; save "
        + "the rows as lists of Python integers"
    case .fortranOrder:
      "it holds an object array in Fortran order; save np.ascontiguousarray(array)"
    case .shape(let declared, let found):
      "the .npy header declares the shape \(tuple(declared)), the pickle has \(tuple(found))"
    case .items(let expected, let found):
      "the shape \(tuple(expected)) does not fit its \(found) items"
    case .repetition(let tokens, let limit):
      "rows that repeat by reference make \(tokens) tokens, more than the \(limit) bytes that "
        + "hold them; save each row as a list of its own"
    }
  }
}

private func list(_ names: [String]) -> String { names.joined(separator: ", ") }

private func tuple(_ shape: [Int]) -> String {
  shape.count == 1 ? "(\(shape[0]),)" : "(" + shape.map(String.init).joined(separator: ", ") + ")"
}

private func hexadecimal(_ byte: UInt8) -> String {
  (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
}
