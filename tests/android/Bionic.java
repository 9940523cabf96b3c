import com.github.unidbg.AndroidEmulator;
import com.github.unidbg.arm.Arm64Svc;
import com.github.unidbg.arm.backend.Backend;
import com.github.unidbg.arm.backend.BackendFactory;
import com.github.unidbg.arm.backend.DynarmicFactory;
import com.github.unidbg.arm.context.RegisterContext;
import com.github.unidbg.file.FileResult;
import com.github.unidbg.file.linux.AndroidFileIO;
import com.github.unidbg.linux.ARM64SyscallHandler;
import com.github.unidbg.linux.android.AndroidARM64Emulator;
import com.github.unidbg.linux.android.AndroidResolver;
import com.github.unidbg.linux.android.dvm.AbstractJni;
import com.github.unidbg.linux.android.dvm.BaseVM;
import com.github.unidbg.linux.android.dvm.DvmClass;
import com.github.unidbg.linux.android.dvm.DvmObject;
import com.github.unidbg.linux.android.dvm.StringObject;
import com.github.unidbg.linux.android.dvm.VM;
import com.github.unidbg.linux.android.dvm.VaList;
import com.github.unidbg.linux.android.dvm.array.IntArray;
import com.github.unidbg.linux.file.ByteArrayFileIO;
import com.github.unidbg.linux.file.SimpleFileIO;
import com.github.unidbg.memory.SvcMemory;
import com.github.unidbg.pointer.UnidbgPointer;
import com.github.unidbg.unix.UnixSyscallHandler;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import unicorn.Arm64Const;

/**
 * Runs libpocketbert_jni.so as Android's linker loads it, on Android 6's own libc under an emulated ARM, by the native functions that the
 * Kotlin library calls.
 *
 * <p>Usage: Bionic LIBRARY FILE OFFSET LENGTH (classify|tag) TEXT…: opens the part of the file as an asset is opened, by a descriptor, and
 * prints a line for each text: the numbers of the native function's result, labels by name. A text that fails prints "error: " and why.
 */
public final class Bionic {
  private static final String CORE =
      "BogoMIPS\t: 38.40\nFeatures\t: fp asimd evtstrm aes pmull sha1 sha2 crc32\nCPU implementer\t: 0x41\nCPU architecture: 8\n"
          + "CPU variant\t: 0x0\nCPU part\t: 0xd08\nCPU revision\t: 3\n\n";
  private static final String NATIVES = "io/github/pocketbert/Natives";

  /** The emulator gives up at prctl(PR_SVE_GET_VL), with which cpuinfo asks for SVE; a kernel without it answers EINVAL. */
  private static final class Emulator extends AndroidARM64Emulator {
    Emulator(List<BackendFactory> factories) {
      super("io.github.pocketbert", null, factories);
    }

    @Override
    protected UnixSyscallHandler<AndroidFileIO> createSyscallHandler(SvcMemory memory) {
      return new ARM64SyscallHandler(memory) {
        private static final int PRCTL = 167;
        private static final int SVE_GET_VL = 51;
        private static final int SME_GET_VL = 64;
        private static final long MINUS_EINVAL = -22;

        @Override
        public void hook(Backend backend, int interrupt, int number, Object user) {
          int call = backend.reg_read(Arm64Const.UC_ARM64_REG_X8).intValue();
          int what = backend.reg_read(Arm64Const.UC_ARM64_REG_X0).intValue();
          if (number == 0 && call == PRCTL && (what == SVE_GET_VL || what == SME_GET_VL)) {
            backend.reg_write(Arm64Const.UC_ARM64_REG_X0, MINUS_EINVAL);
          } else {
            super.hook(backend, interrupt, number, user);
          }
        }
      };
    }
  }

  /** Makes the exception that the library throws. */
  private static final class Exceptions extends AbstractJni {
    String thrown;

    @Override
    public DvmObject<?> newObjectV(BaseVM vm, DvmClass type, String signature, VaList arguments) {
      if (!signature.equals("io/github/pocketbert/PocketbertException-><init>(ILjava/lang/String;)V")) {
        throw new IllegalStateException(signature);
      }
      thrown = arguments.getIntArg(0) + " " + arguments.getObjectArg(1).getValue();
      return type.newObject(thrown);
    }
  }

  /** The emulator's GetStringRegion takes the number of characters for one of bytes and copies half of them. */
  private static void mendGetStringRegion(AndroidEmulator emulator, VM vm) {
    final int index = 220; // in JNINativeInterface
    Arm64Svc right =
        new Arm64Svc() {
          @Override
          public long handle(com.github.unidbg.Emulator<?> emulator) {
            RegisterContext context = emulator.getContext();
            StringObject string = vm.getObject(context.getPointerArg(1).toIntPeer());
            int start = context.getIntArg(2);
            String region = string.getValue().substring(start, start + context.getIntArg(3));
            byte[] bytes = utf16(region);
            context.getPointerArg(4).write(0, bytes, 0, bytes.length);
            return 0;
          }
        };
    UnidbgPointer functions = (UnidbgPointer) vm.getJNIEnv().getPointer(0);
    functions.setPointer(index * 8L, emulator.getSvcMemory().registerSvc(right));
  }

  /** Unit by unit, as a charset would replace halves of surrogate pairs. */
  private static byte[] utf16(String text) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * text.length()).order(ByteOrder.LITTLE_ENDIAN);
    for (char unit : text.toCharArray()) bytes.putChar(unit);
    return bytes.array();
  }

  private static FileResult<AndroidFileIO> system(String path, int flags) {
    String text =
        switch (path) {
          case "/proc/cpuinfo" -> "processor\t: 0\n" + CORE + "processor\t: 1\n" + CORE + "Hardware\t: emulated\n";
          case "/sys/devices/system/cpu/possible", "/sys/devices/system/cpu/present" -> "0-1\n";
          case "/sys/devices/system/cpu/kernel_max" -> "7\n";
          default -> null;
        };
    return text == null ? null : FileResult.success(new ByteArrayFileIO(flags, path, text.getBytes(StandardCharsets.UTF_8)));
  }

  public static void main(String[] arguments) throws Exception {
    File library = new File(arguments[0]);
    File file = new File(arguments[1]);
    long offset = Long.parseLong(arguments[2]);
    long length = Long.parseLong(arguments[3]);
    boolean tag = arguments[4].equals("tag");
    try (Emulator emulator = new Emulator(List.of(new DynarmicFactory(true)))) {
      emulator.getMemory().setLibraryResolver(new AndroidResolver(23));
      emulator
          .getSyscallHandler()
          .addIOResolver(
              (unused, path, flags) ->
                  path.equals("/asset") ? FileResult.success(new SimpleFileIO(flags, file, path)) : system(path, flags));
      VM vm = emulator.createDalvikVM();
      Exceptions exceptions = new Exceptions();
      vm.setJni(exceptions);
      vm.setVerbose(false);
      mendGetStringRegion(emulator, vm);
      vm.loadLibrary(library, true).callJNI_OnLoad(emulator);
      DvmClass natives = vm.resolveClass(NATIVES);
      int descriptor = emulator.getSyscallHandler().open(emulator, "/asset", 0);
      long model = natives.callStaticJniMethodLong(emulator, "openDescriptor(IJJZ)J", descriptor, offset, length, 1);
      if (model == 0) {
        System.out.println("error: " + exceptions.thrown);
        return;
      }
      long session = natives.callStaticJniMethodLong(emulator, "openSession(JIII)J", model, 64, 1, 0);
      for (int i = 5; i < arguments.length; ++i) {
        exceptions.thrown = null;
        StringObject text = new StringObject(vm, arguments[i]);
        DvmObject<?> result =
            tag
                ? natives.callStaticJniMethodObject(emulator, "tag(JLjava/lang/String;II)[I", session, text, 1, -1)
                : natives.callStaticJniMethodObject(emulator, "classify(JLjava/lang/String;Ljava/lang/String;I)[I", session, text, null, -1);
        if (exceptions.thrown != null) {
          System.out.println("error: " + exceptions.thrown);
          continue;
        }
        int[] numbers = ((IntArray) result).getValue();
        StringBuilder line = new StringBuilder();
        int header = tag ? 1 : 3;
        for (int j = 0; j < numbers.length; ++j) {
          int column = j < header ? -1 : (j - header) % (tag ? 4 : 2);
          Object shown = column == 0 ? natives.callStaticJniMethodObject(emulator, "label(JI)Ljava/lang/String;", model, numbers[j]).getValue()
              : column == 1 ? (Object) Float.intBitsToFloat(numbers[j]) : (Object) numbers[j];
          line.append(j == 0 ? "" : " ").append(shown);
        }
        System.out.println(line);
      }
      natives.callStaticJniMethod(emulator, "closeSession(J)V", session);
      natives.callStaticJniMethod(emulator, "closeModel(J)V", model);
      System.out.println("closed");
    }
  }
}
