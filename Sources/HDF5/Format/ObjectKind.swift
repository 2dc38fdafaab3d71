/// What an object is: told, as libhdf5 tells it, by the messages that its header has.
enum ObjectKind: Sendable {
  case group
  case dataset(DatasetForm)
  case datatype

  init(_ source: Source, of header: ObjectHeader) throws {
    typealias MessageType = ObjectHeader.MessageType
    if header.isGroup {
      self = .group
      return
    }
    guard let typeMessage = header.first(MessageType.datatype) else {
      throw HDF5Error(
        .malformed(structure: .objectHeader, fault: "it is no group, dataset or datatype"),
        at: .init(file: source.bytes.name, offset: header.address))
    }
    guard let spaceMessage = header.first(MessageType.dataspace) else {
      self = .datatype
      return
    }
    var type = try source.cursor(.datatype, of: typeMessage)
    var space = try source.cursor(.dataspace, of: spaceMessage)
    try source.charge(scanned: type.remaining)
    let datatype = try Datatype(&type)
    try source.charge(metadata: Limits.datasetCost + datatype.rememberedCost)
    self = .dataset(DatasetForm(datatype: datatype, space: try Dataspace(&space)))
  }
}

/// The type and shape of a dataset, shared by all values that stand for it.
final class DatasetForm: Sendable {
  let datatype: Datatype
  let space: Dataspace

  init(datatype: Datatype, space: Dataspace) {
    self.datatype = datatype
    self.space = space
  }
}
