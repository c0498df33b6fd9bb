console.log("check: not there yet");
