// A drawing as a picture for paper. What is drawn comes from the program, the same for everybody
// who asks; here it only gets its dots.

/** Dots a pixel: about 400 to the inch on paper. */
const SHARPNESS = 4;

/** An SVG as the bytes of a PNG, in hexadecimal: that is how they cross to the program. */
export async function pngText(svg: string): Promise<string> {
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    const { naturalWidth: width, naturalHeight: height } = image;
    [canvas.width, canvas.height] = [width * SHARPNESS, height * SHARPNESS];
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((go) => canvas.toBlob(go, "image/png"));
    const bytes = new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  } finally {
    URL.revokeObjectURL(address);
  }
}
