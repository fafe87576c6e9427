/** The real worker of web-llm, whose GPU can be lost by a message. */
import './losable-device.ts';
import '../webllm-worker.ts';
