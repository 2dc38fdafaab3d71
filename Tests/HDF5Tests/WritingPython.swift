import Foundation
import TestSupport
import Testing

/// Runs Python for a test, and gives what it prints.
func runPython(_ script: String, _ arguments: [String]) throws -> String {
  let python = try #require(Surroundings.kerasPython)
  let process = Process()
  process.executableURL = python
  process.arguments = ["-c", script] + arguments
  var environment = ProcessInfo.processInfo.environment
  environment["TF_CPP_MIN_LOG_LEVEL"] = "3"
  process.environment = environment
  let (output, errors) = (Pipe(), Pipe())
  process.standardOutput = output
  process.standardError = errors
  try process.run()
  let text = output.fileHandleForReading.readDataToEndOfFile()
  let complaint = errors.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  try #require(
    process.terminationStatus == 0, "\(String(decoding: complaint, as: UTF8.self))")
  return String(decoding: text, as: UTF8.self)
}

/// A new empty folder for the duration of `body`.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appending(path: "keratin-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// Python that describes every object, attribute, type and value of the files named, a line each;
/// the lines begin with the number of the file.
let describeInPython = #"""
  import sys, h5py, numpy as np
  def kind(t):
      c = t.get_class()
      if c == h5py.h5t.STRING:
          return f"string size={'variable' if t.is_variable_str() else t.get_size()} cset={t.get_cset()} pad={t.get_strpad()}"
      if c == h5py.h5t.ENUM:
          names = [t.get_member_name(i) for i in range(t.get_nmembers())]
          return f"enum {names} of {t.get_super().get_size()}"
      if c == h5py.h5t.OPAQUE:
          return f"opaque {t.get_size()} {t.get_tag()}"
      if c == h5py.h5t.FLOAT:
          return f"float {t.get_fields()} {t.get_ebias()} {t.get_order()}"
      if c == h5py.h5t.INTEGER:
          return f"integer {t.get_size()} {t.get_sign()} {t.get_order()}"
      return f"class {c}"
  def value(v):
      if isinstance(v, h5py.Empty): return f"empty {v.dtype}"
      if isinstance(v, np.ndarray) and v.dtype != object: return f"{v.dtype}{v.shape} {v.tobytes().hex()}"
      if isinstance(v, np.generic): return f"{v.dtype} {v.tobytes().hex()}"
      if isinstance(v, np.ndarray): return str([repr(x) for x in v.ravel()])
      return repr(v)
  def show(n, path, o):
      kinds = o.id.get_type() if isinstance(o, h5py.Dataset) else None
      if kinds is not None:
          p = o.id.get_create_plist()
          print(n, "dataset", path, kind(kinds), o.id.get_space().get_simple_extent_type(), o.shape,
                "layout", p.get_layout(), "filters", p.get_nfilters(), "fill", p.get_fill_time(),
                p.get_alloc_time(), p.fill_value_defined(), value(o[()]))
      else:
          print(n, "group", path, list(o.keys()))
      for i in range(h5py.h5a.get_num_attrs(o.id)):
          a = h5py.h5a.open(o.id, index=i)
          name = a.name.decode()
          print(n, "attribute", path, name, kind(a.get_type()), a.get_space().get_simple_extent_type(), a.shape,
                value(o.attrs[name]))
  for n, file in enumerate(sys.argv[1:]):
      with h5py.File(file, "r") as f:
          print(n, "superblock", open(file, "rb").read()[8])
          show(n, "/", f)
          def walk(g):
              for name in g:
                  c = g.get(name, getlink=True)
                  info = g.id.links.get_info(name.encode())
                  print(n, "link", g.name, name, type(c).__name__, "cset", info.cset)
                  show(n, g[name].name, g[name])
                  if isinstance(g[name], h5py.Group): walk(g[name])
          walk(f)
  """#

/// What `describeInPython` said of each file.
func descriptions(of files: [URL]) throws -> [[String]] {
  let output = try runPython(describeInPython, files.map(\.path))
  return files.indices.map { number in
    output.split(separator: "\n").filter { $0.hasPrefix("\(number) ") }
      .map { String($0.dropFirst(2)) }
  }
}
