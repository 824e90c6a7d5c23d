// temp
import type { AttachmentView } from "./AttachmentView";
import type { TillRecordView } from "./TillRecordView";
export type TillDetail = { record: TillRecordView, attachments: Array<AttachmentView>, later: Array<TillRecordView> };
