// temp
export type AttachmentView = { id: number, name: string, media: string, sizeBytes: number, addedBy: string };
