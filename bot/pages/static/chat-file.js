// @ts-check
/** A file that the person chose: what it is, whether it is too big, and its bytes as a message carries them. */

export const LIMIT = 20 * 1024 * 1024; // bytes; `MEDIA_LIMIT` of bot/channels

/** @param {File} file @returns {"photo" | "voice" | "document"} */
export function kind(file) {
  if (file.type.startsWith("image/")) return "photo";
  return file.type.startsWith("audio/") || file.type.startsWith("video/") ? "voice" : "document";
}

/** Base64. Rejects when the file can not be read. @param {File} file @returns {Promise<string>} */
export function bytes(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onerror = () => reject(reader.error);
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ""));
    reader.readAsDataURL(file);
  });
}

/** @param {File} file */
export function size(file) {
  const megabytes = file.size / 1024 / 1024;
  return megabytes < 0.1 ? `${Math.ceil(file.size / 1024)} kB` : `${megabytes.toFixed(1)} MB`;
}

/** As the server takes it; what the file really is, it looks up in its bytes. @param {File} file */
export function type(file) {
  return /^[a-z]+\/[a-z0-9.+-]+$/.test(file.type) ? file.type : "application/octet-stream";
}
